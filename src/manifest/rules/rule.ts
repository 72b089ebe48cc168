import type { Remark } from '../finding.ts';
import type { ManifestView } from '../manifest-view.ts';

/** A rule that a schema cannot express: looks at a manifest and says what breaks it. */
export type Rule = (manifest: ManifestView) => Iterable<Remark>;
