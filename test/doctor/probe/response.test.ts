import { describe, expect, it } from 'vitest';
import type { HttpResponse } from '../../../src/doctor/probe/http-request.ts';
import { describeResponse, isAlike, isPage } from '../../../src/doctor/probe/response.ts';
import { late, page, response } from '../given.ts';

const of = (type: string | undefined, body: string) =>
  response(200, { headers: type === undefined ? {} : { 'content-type': type }, body });

describe('isPage', () => {
  it.each([
    ['text/html', '<!doctype html>'],
    ['text/html; charset=utf-8', 'words <b>and</b> tags'],
    ['Text/HTML', '<P>'],
    ['application/xhtml+xml', '<?xml version="1.0"?><html>'],
    [undefined, '<!DOCTYPE html>'],
    ['text/plain', ' \n<html>'],
  ])('recognises %s %s', (type, body) => {
    expect(isPage(of(type, body))).toBe(true);
  });

  it.each([
    ['text/html', ''],
    ['text/html', 'ok'],
    ['text/html', '1 < 2'],
    ['application/json', '{"a":"<html>"}'],
    [undefined, 'x <html>'],
    ['text/plain', '<b>'],
    ['my-text/html', '<b>'],
    ['my-application/xhtml', '<b>'],
  ])('does not take %s %j for one', (type, body) => {
    expect(isPage(of(type, body))).toBe(false);
  });
});

describe('describeResponse', () => {
  it.each<[HttpResponse, string]>([
    [response(401), '401'],
    [page(200), '200 with a web page, "Welcome"'],
    [page(200, '<!doctype html><title>\n A  page </title>'), '200 with a web page, "A page"'],
    [page(200, '<html><TITLE lang="en">A</TITLE>'), '200 with a web page, "A"'],
    [page(200, '<html><title> </title>'), '200 with a web page'],
    [page(200, '<html>'), '200 with a web page'],
    [response(404, { headers: { server: 'nginx' } }), '404 (server: "nginx")'],
    [response(404, { body: 'secret' }), '404'],
  ])('says of %j: %s', (result, words) => {
    expect(describeResponse(result)).toBe(words);
  });

  it('shortens a title and the name of a server', () => {
    const long = 'x'.repeat(100);
    expect(describeResponse(page(200, `<html><title>${long}</title>`))).toBe(
      `200 with a web page, "${'x'.repeat(60)}…"`,
    );
    expect(describeResponse(response(200, { headers: { server: long } }))).toBe(
      `200 (server: "${'x'.repeat(40)}…")`,
    );
  });
});

describe('isAlike', () => {
  it('ignores ids and numbers in bodies', () => {
    const one = response(404, { body: 'request 3 of 0a1b2c3d-0000-4000-8000-00000000abcd failed' });
    const other = response(404, { body: 'request 27 of FFFFFFFF failed' });
    expect(isAlike(one, other)).toBe(true);
  });

  it.each([
    response(403),
    response(404, { headers: { 'content-type': 'text/plain' } }),
    response(404, { body: 'another body' }),
    response(404, { body: '{ }' }),
  ])('tells responses apart: %j', (other) => {
    expect(isAlike(response(404), other)).toBe(false);
    expect(isAlike(other, response(404))).toBe(false);
  });

  it('says nothing about requests without a response', () => {
    expect(isAlike(late, late)).toBe(false);
    expect(isAlike(late, response(404))).toBe(false);
    expect(isAlike(response(404), late)).toBe(false);
  });
});
