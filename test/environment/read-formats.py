"""Reads files in a format that is not ours and prints what they hold, as JSON: one object a file.

Usage: read-formats.py yaml|docker|systemd|libsystemd FILE...
"""
import ctypes
import glob
import json
import sys


def read_yaml(path):
    import yaml

    with open(path, encoding="utf-8") as file:
        return yaml.safe_load(file)


def read_docker(path):
    """Docker's rule: a line that does not start with # is a key, an equals sign, and the value to the line's end."""
    with open(path, encoding="utf-8", newline="\n") as file:
        lines = file.read().split("\n")
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def read_systemd(path):
    """The rules of systemd.exec(5) for EnvironmentFile=, for values that are quoted."""
    result = {}
    with open(path, encoding="utf-8", newline="\n") as file:
        lines = file.read().split("\n")
    for line in lines:
        if not line or line[0] in "#;":
            continue
        key, quoted = line.split("=", 1)
        assert quoted[0] == quoted[-1] == '"' and len(quoted) > 1, "only double quotes are read here"
        value, rest = "", iter(quoted[1:-1])
        for character in rest:
            assert character != '"', "a quote that ends the value early"
            if character == "\\":
                escaped = next(rest)
                character = escaped if escaped in '"\\`$' else "\\" + escaped
            value += character
        result[key] = value
    return result


def read_libsystemd(path):
    """systemd's own parser, out of the library that its manager uses."""
    library = ctypes.CDLL(glob.glob("/usr/lib/*/systemd/libsystemd-shared-*.so")[0])
    entries = ctypes.POINTER(ctypes.c_char_p)()
    status = library.load_env_file(None, path.encode(), ctypes.byref(entries))
    assert status >= 0, f"systemd refused the file: {status}"
    result, index = {}, 0
    while entries[index]:
        key, value = entries[index].decode("utf-8").split("=", 1)
        result[key] = value
        index += 1
    return result


readers = {"yaml": read_yaml, "docker": read_docker, "systemd": read_systemd, "libsystemd": read_libsystemd}
print(json.dumps([readers[sys.argv[1]](path) for path in sys.argv[2:]]))
