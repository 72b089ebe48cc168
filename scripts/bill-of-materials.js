import { Contrib, Enums, Models, Serialize, Spec, Validation } from '@cyclonedx/cyclonedx-library';
import parseLicense from 'spdx-expression-parse';

const components = new Contrib.FromNodePackageJson.Builders.ComponentBuilder(
  new Contrib.FromNodePackageJson.Factories.ExternalReferenceFactory(),
  new Contrib.License.Factories.LicenseFactory(parseLicense),
);

/**
 * The software bill of materials of the package, in CycloneDX 1.6.
 *
 * @param {object} manifest the package.json of this package
 * @param {object[]} bundled the package.json of each package in the bundle
 * @param {object[]} beside the package.json of each optional dependency
 * @returns {Promise<string>} JSON
 * @throws Error if it does not match CycloneDX's schema
 */
export async function billOfMaterials(manifest, bundled, beside) {
  const listed = [
    ...bundled.map((data) => component(data, Enums.ComponentScope.Required)),
    ...beside.map((data) => component(data, Enums.ComponentScope.Optional)),
  ];
  const bom = new Models.Bom({
    metadata: new Models.Metadata({
      component: component(manifest, undefined, Enums.ComponentType.Application),
    }),
    components: new Models.ComponentRepository(listed),
  });
  const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6));
  const json = serializer.serialize(bom, { sortLists: true, space: 1 });
  const problems = await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(json);
  if (problems !== null) throw new Error(`the bill of materials is not valid: ${JSON.stringify(problems)}`);
  return `${json}\n`;
}

function component(data, scope, type = Enums.ComponentType.Library) {
  const made = components.makeComponent(data, type);
  made.scope = scope;
  made.purl = `pkg:npm/${data.name.replace('@', '%40')}@${data.version}`;
  made.bomRef.value = made.purl;
  return made;
}
