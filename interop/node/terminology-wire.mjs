// Bare requests against the terminology server: operations on code systems sent along, on the Belgian lists and on the built-in fragment.
import assert from 'node:assert/strict';
import { test, run } from './lib/report.mjs';
import { base, why } from './lib/sandbox.mjs';

const snomed = 'http://snomed.info/sct';
const types = 'https://www.ehealth.fgov.be/standards/fhir/terminology/CodeSystem/be-cs-prescription-type';
const colours = 'https://example.org/CodeSystem/colours';

// A small hierarchy with two languages, an inactive and an abstract code.
const codeSystem = {
  resourceType: 'CodeSystem', url: colours, version: '1.0', name: 'Colours', status: 'active', content: 'complete', caseSensitive: true, language: 'en', hierarchyMeaning: 'is-a',
  property: [{ code: 'warmth', type: 'string' }, { code: 'inactive', uri: 'http://hl7.org/fhir/concept-properties#inactive', type: 'boolean' },
    { code: 'notSelectable', uri: 'http://hl7.org/fhir/concept-properties#notSelectable', type: 'boolean' }],
  concept: [
    { code: 'colour', display: 'Colour', property: [{ code: 'notSelectable', valueBoolean: true }], concept: [
      { code: 'red', display: 'Red', designation: [{ language: 'nl', value: 'Rood' }, { language: 'fr', value: 'Rouge' }], property: [{ code: 'warmth', valueString: 'warm' }],
        concept: [{ code: 'scarlet', display: 'Scarlet', property: [{ code: 'warmth', valueString: 'warm' }] }] },
      { code: 'blue', display: 'Blue', designation: [{ language: 'nl', value: 'Blauw' }], property: [{ code: 'warmth', valueString: 'cold' }] },
      { code: 'mauve', display: 'Mauve', property: [{ code: 'inactive', valueBoolean: true }] } ] } ],
};
const valueSet = (include, more = {}) => ({ resourceType: 'ValueSet', url: 'https://example.org/ValueSet/vs', version: '1.0', name: 'VS', status: 'active', compose: { include, ...more } });
const part = (name, value) => {
  if (typeof value === 'boolean') return { name, valueBoolean: value };
  if (typeof value === 'number') return { name, valueInteger: value };
  if (value.resourceType) return { name, resource: value };
  if (value.coding || value.text) return { name, valueCodeableConcept: value };
  if (value.system !== undefined) return { name, valueCoding: value };
  return { name, [['url', 'system', 'valueSetUrl'].includes(name) ? 'valueUri' : ['code', 'codeA', 'codeB', 'displayLanguage', 'property'].includes(name) ? 'valueCode' : 'valueString']: value };
};
const parameters = (fields) => ({ resourceType: 'Parameters', parameter: Object.entries(fields).flatMap(([name, value]) => [value].flat().map((v) => part(name, v))) });
async function ask(method, path, fields, { status = 200, headers = {} } = {}) {
  const url = `${base}/fhir/${path}`;
  const res = method === 'GET' ? await fetch(`${url}?${new URLSearchParams(fields)}`, { headers: { Accept: 'application/fhir+json', ...headers } })
    : await fetch(url, { method, headers: { Accept: 'application/fhir+json', 'Content-Type': 'application/fhir+json', ...headers }, body: JSON.stringify(parameters(fields)) });
  const text = await res.text();
  const ok = [status].flat().includes(res.status);
  assert.ok(ok, `${method} ${path}: got ${res.status}, want ${status}: ${text.slice(0, 800)}\n${ok ? '' : await why(res)}`);
  return JSON.parse(text);
}
const value = (out, name) => { const p = out.parameter.find((x) => x.name === name); return p && Object.entries(p).find(([k]) => k.startsWith('value'))?.[1]; };
const all = (out, name) => out.parameter.filter((p) => p.name === name);
const issues = (out) => out.parameter.find((p) => p.name === 'issues')?.resource.issue ?? [];
const kinds = (out) => issues(out).map((i) => i.details?.coding?.[0]?.code);
const withSystem = (fields) => ({ 'tx-resource': codeSystem, ...fields });
const codes = (set) => (set.expansion.contains ?? []).map((c) => c.code);
const flat = (contains = []) => contains.flatMap((c) => [c.code, ...flat(c.contains)]);

// ---- $lookup ---------------------------------------------------------------------------------------------------

test('$lookup of a code sent along', async () => {
  const out = await ask('POST', 'CodeSystem/$lookup', withSystem({ system: colours, code: 'red', property: ['*'] }));
  assert.deepEqual([value(out, 'name'), value(out, 'version'), value(out, 'display')], ['Colours', '1.0', 'Red']);
  const props = Object.fromEntries(all(out, 'property').map((p) => [p.part.find((x) => x.name === 'code').valueCode, p.part.find((x) => x.name === 'value')]));
  assert.equal(props.warmth.valueString, 'warm');
});
test('$lookup in a language', async () => assert.equal(value(await ask('POST', 'CodeSystem/$lookup', withSystem({ system: colours, code: 'red', displayLanguage: 'nl' })), 'display'), 'Rood'));
test('$lookup by Accept-Language', async () => assert.equal(value(await ask('POST', 'CodeSystem/$lookup', withSystem({ system: colours, code: 'red' }), { headers: { 'Accept-Language': 'fr-BE,nl;q=0.5' } }), 'display'), 'Rouge'));
test('$lookup by coding in the query', async () => assert.ok(value(await ask('GET', 'CodeSystem/$lookup', { coding: `${snomed}|225964003` }), 'display')));
test('$lookup in SNOMED answers parents and status', async () => {
  const out = await ask('GET', 'CodeSystem/$lookup', { system: snomed, code: '225964003' });
  const names = all(out, 'property').map((p) => p.part.find((x) => x.name === 'code').valueCode);
  for (const name of ['inactive', 'moduleId', 'effectiveTime']) assert.ok(names.includes(name), `${name} not in ${names}`);
  assert.match(value(out, 'version'), /^http:\/\/snomed\.info\/sct\/11000172109\/version\/\d{8}$/);
  assert.ok(all(out, 'designation').every((d) => d.part.some((x) => x.name === 'value')));
});
test('$lookup without a code', async () => assert.equal((await ask('GET', 'CodeSystem/$lookup', { system: snomed }, { status: 400 })).issue[0].code, 'required'));
test('$lookup of an unknown system', async () => assert.equal((await ask('GET', 'CodeSystem/$lookup', { system: 'https://example.org/none', code: 'x' }, { status: 404 })).issue[0].code, 'not-found'));
test('$lookup of an unknown code', async () => assert.equal((await ask('POST', 'CodeSystem/$lookup', withSystem({ system: colours, code: 'green' }), { status: 404 })).issue[0].code, 'not-found'));
test('$lookup with body and query: the body wins, the query fills', async () => {
  const res = await fetch(`${base}/fhir/CodeSystem/$lookup?code=9632001&displayLanguage=nl`, { method: 'POST', headers: { 'Content-Type': 'application/fhir+json' },
    body: JSON.stringify(parameters({ system: snomed, code: '225964003' })) });
  assert.equal(value(await res.json(), 'code'), '225964003');
});

// ---- $validate-code --------------------------------------------------------------------------------------------

const judged = {
  'a right code': [{ code: 'red' }, true, []],
  'a code in another case': [{ code: 'Red' }, false, ['invalid-code']],
  'an unknown code': [{ code: 'green' }, false, ['invalid-code']],
  'a right display': [{ code: 'red', display: 'Red' }, true, []],
  'a Dutch display': [{ code: 'red', display: 'Rood', displayLanguage: 'nl' }, true],
  'a wrong display': [{ code: 'red', display: 'Scarlet' }, false, ['invalid-display']],
  'a wrong display, leniently': [{ code: 'red', display: 'Scarlet', 'lenient-display-validation': true }, true, ['invalid-display']],
  'an inactive code': [{ code: 'mauve' }, true],
};
for (const [name, [fields, want, wantKinds]] of Object.entries(judged)) {
  test(`CodeSystem/$validate-code: ${name}`, async () => {
    const out = await ask('POST', 'CodeSystem/$validate-code', withSystem({ url: colours, ...fields }));
    assert.equal(value(out, 'result'), want, JSON.stringify(out));
    if (!want) assert.ok(value(out, 'message'));
    if (wantKinds?.length) for (const kind of wantKinds) assert.ok(kinds(out).includes(kind), `${kinds(out)} lacks ${kind}`);
  });
}
test('CodeSystem/$validate-code: an inactive code says so', async () => assert.equal(value(await ask('POST', 'CodeSystem/$validate-code', withSystem({ url: colours, code: 'mauve' })), 'inactive'), true));
test('CodeSystem/$validate-code: an unknown system is named', async () => {
  const out = await ask('POST', 'CodeSystem/$validate-code', { url: 'https://example.org/none', code: 'x' }, { status: [200, 404, 422] });
  if (out.resourceType === 'Parameters') assert.equal(value(out, 'result'), false);
});
test('CodeSystem/$validate-code: ignoring case answers the right code', async () => {
  const out = await ask('POST', 'CodeSystem/$validate-code', { 'tx-resource': { ...codeSystem, caseSensitive: false }, url: colours, code: 'RED' });
  assert.deepEqual([value(out, 'result'), value(out, 'normalized-code')], [true, 'red']);
});
const inSet = (include, fields, more) => ask('POST', 'ValueSet/$validate-code', withSystem({ valueSet: valueSet(include, more), ...fields }));
test('ValueSet/$validate-code: member and stranger', async () => {
  const include = [{ system: colours, concept: [{ code: 'red' }] }];
  assert.equal(value(await inSet(include, { coding: { system: colours, code: 'red' } }), 'result'), true);
  const out = await inSet(include, { coding: { system: colours, code: 'blue' } });
  assert.equal(value(out, 'result'), false);
  assert.ok(kinds(out).includes('not-in-vs'));
});
test('ValueSet/$validate-code: one right coding of a concept is enough', async () => {
  const out = await inSet([{ system: colours, concept: [{ code: 'red' }] }], { codeableConcept: { coding: [{ system: colours, code: 'blue' }, { system: colours, code: 'red' }] } });
  assert.equal(value(out, 'result'), true);
  assert.ok(kinds(out).includes('this-code-not-in-vs'));
});
test('ValueSet/$validate-code: a code without system needs inferSystem', async () => {
  const include = [{ system: colours }];
  const bare = await ask('POST', 'ValueSet/$validate-code', withSystem({ valueSet: valueSet(include), code: 'red' }), { status: [200, 400, 422] });
  if (bare.resourceType === 'Parameters') assert.equal(value(bare, 'result'), false);
  assert.equal(value(await inSet(include, { code: 'red', inferSystem: true }), 'result'), true);
});
test('ValueSet/$validate-code: an unknown system in the coding', async () => {
  const out = await inSet([{ system: colours }], { coding: { system: 'https://example.org/none', code: 'x' } });
  assert.equal(value(out, 'result'), false);
  assert.ok(value(out, 'x-caused-by-unknown-system') || value(out, 'x-unknown-system'), JSON.stringify(out));
});
test('ValueSet/$validate-code: an unknown value set', async () => ask('GET', 'ValueSet/$validate-code', { url: 'https://example.org/none', system: colours, code: 'red' }, { status: [404, 422] }));

// ---- $subsumes -------------------------------------------------------------------------------------------------

const relations = { equivalent: ['red', 'red'], subsumes: ['red', 'scarlet'], 'subsumed-by': ['scarlet', 'colour'], 'not-subsumed': ['red', 'blue'] };
for (const [want, [codeA, codeB]] of Object.entries(relations)) {
  test(`$subsumes: ${codeA} and ${codeB} are ${want}`, async () => assert.equal(value(await ask('POST', 'CodeSystem/$subsumes', withSystem({ system: colours, codeA, codeB })), 'outcome'), want));
}
test('$subsumes of two systems', async () => ask('POST', 'CodeSystem/$subsumes', withSystem({ codingA: { system: colours, code: 'red' }, codingB: { system: snomed, code: '9632001' } }), { status: 400 }));
test('$subsumes of an unknown code', async () => ask('POST', 'CodeSystem/$subsumes', withSystem({ system: colours, codeA: 'red', codeB: 'green' }), { status: [404, 422] }));

// ---- $expand ---------------------------------------------------------------------------------------------------

const expand = (include, fields = {}, more) => ask('POST', 'ValueSet/$expand', withSystem({ valueSet: valueSet(include, more), ...fields }));
const selections = {
  'is-a': [[{ system: colours, filter: [{ property: 'concept', op: 'is-a', value: 'red' }] }], ['red', 'scarlet']],
  'descendent-of': [[{ system: colours, filter: [{ property: 'concept', op: 'descendent-of', value: 'red' }] }], ['scarlet']],
  'is-not-a': [[{ system: colours, filter: [{ property: 'concept', op: 'is-not-a', value: 'red' }] }], ['colour', 'blue', 'mauve']],
  'a property': [[{ system: colours, filter: [{ property: 'warmth', op: '=', value: 'cold' }] }], ['blue']],
  in: [[{ system: colours, filter: [{ property: 'warmth', op: 'in', value: 'cold,warm' }] }], ['red', 'scarlet', 'blue']],
  exists: [[{ system: colours, filter: [{ property: 'warmth', op: 'exists', value: 'false' }] }], ['colour', 'mauve']],
  regex: [[{ system: colours, filter: [{ property: 'code', op: 'regex', value: '.*l.*e' }] }], ['blue']],
  'two filters': [[{ system: colours, filter: [{ property: 'concept', op: 'is-a', value: 'red' }, { property: 'code', op: 'regex', value: 's.*' }] }], ['scarlet']],
  'a list': [[{ system: colours, concept: [{ code: 'blue' }, { code: 'red', display: 'RED!' }] }], ['blue', 'red']],
};
for (const [name, [include, want]] of Object.entries(selections)) {
  test(`$expand: ${name}`, async () => {
    const set = await expand(include, { excludeNested: true });
    assert.deepEqual(new Set(flat(set.expansion.contains)), new Set(want));
    assert.equal(set.expansion.total, want.length);
    assert.match(set.expansion.identifier, /^urn:uuid:/);
  });
}
test('$expand: exclude takes away', async () => {
  const set = await expand([{ system: colours }], { excludeNested: true }, { exclude: [{ system: colours, concept: [{ code: 'red' }] }] });
  assert.ok(!flat(set.expansion.contains).includes('red'));
});
test('$expand: the whole hierarchy comes nested, or flat when asked', async () => {
  const nested = await expand([{ system: colours }]);
  assert.deepEqual(codes(nested), ['colour']);
  assert.deepEqual(new Set(flat(nested.expansion.contains)), new Set(['colour', 'red', 'scarlet', 'blue', 'mauve']));
  assert.equal((await expand([{ system: colours }], { excludeNested: true })).expansion.contains.length, 5);
});
test('$expand: inactive and abstract codes are marked, and left out when asked', async () => {
  const set = await expand([{ system: colours }], { excludeNested: true });
  const by = Object.fromEntries(set.expansion.contains.map((c) => [c.code, c]));
  assert.deepEqual([by.mauve.inactive, by.colour.abstract], [true, true]);
  assert.ok(!codes(await expand([{ system: colours }], { excludeNested: true, activeOnly: true })).includes('mauve'));
});
test('$expand: the display of the value set goes first', async () => assert.equal((await expand([{ system: colours, concept: [{ code: 'red', display: 'RED!' }] }])).expansion.contains[0].display, 'RED!'));
test('$expand: in Dutch, with designations', async () => {
  const set = await expand([{ system: colours, concept: [{ code: 'red' }] }], { displayLanguage: 'nl', includeDesignations: true });
  assert.equal(set.expansion.contains[0].display, 'Rood');
  assert.ok(set.expansion.contains[0].designation.some((d) => d.language === 'fr' && d.value === 'Rouge'));
});
test('$expand: paging', async () => {
  const one = await expand([{ system: colours }], { excludeNested: true, count: 2 });
  const two = await expand([{ system: colours }], { excludeNested: true, count: 2, offset: 2 });
  assert.deepEqual([one.expansion.total, codes(one).length, codes(two).length, two.expansion.offset], [5, 2, 2, 2]);
  assert.equal(new Set([...codes(one), ...codes(two)]).size, 4);
  assert.deepEqual(codes(await expand([{ system: colours }], { excludeNested: true, offset: 9, count: 2 })), []);
  const none = await expand([{ system: colours }], { count: 0 });
  assert.deepEqual([none.expansion.total, codes(none).length], [5, 0]);
});
test('$expand: a filter finds parts of words from their beginning, ignoring case', async () => assert.deepEqual(flat((await expand([{ system: colours }], { filter: 'SCA' })).expansion.contains), ['scarlet']));
test('$expand: the parameters that counted are told', async () => {
  const set = await expand([{ system: colours }], { excludeNested: true, displayLanguage: 'nl' });
  const told = Object.fromEntries(set.expansion.parameter.map((p) => [p.name, Object.values(p).find((v) => v !== p.name)]));
  assert.equal(told.displayLanguage, 'nl');
  assert.equal(told['used-codesystem'], `${colours}|1.0`);
});
test('$expand: sets within sets', async () => {
  const inner = { ...valueSet([{ system: colours, filter: [{ property: 'concept', op: 'is-a', value: 'red' }] }]), url: 'https://example.org/ValueSet/inner' };
  const out = await ask('POST', 'ValueSet/$expand', { 'tx-resource': [codeSystem, inner], valueSet: valueSet([{ valueSet: [inner.url] }]) });
  assert.deepEqual(new Set(flat(out.expansion.contains)), new Set(['red', 'scarlet']));
});
test('$expand: a circle of sets is an error', async () => {
  const [a, b] = ['a', 'b'].map((n) => `https://example.org/ValueSet/${n}`);
  await ask('POST', 'ValueSet/$expand', { 'tx-resource': [{ ...valueSet([{ valueSet: [b] }]), url: a }, { ...valueSet([{ valueSet: [a] }]), url: b }], url: a }, { status: [400, 422] });
});
const broken = {
  'an unknown system': [[{ system: 'https://example.org/none' }], [404, 422]], 'an unknown property': [[{ system: colours, filter: [{ property: 'taste', op: '=', value: 'x' }] }], [400, 422]],
  'an unknown operation': [[{ system: colours, filter: [{ property: 'concept', op: 'near', value: 'red' }] }], [400, 422]],
  'a regular expression that is none': [[{ system: colours, filter: [{ property: 'code', op: 'regex', value: '(' }] }], [400, 422]],
  'an unknown inner set': [[{ valueSet: ['https://example.org/none'] }], [404, 422]],
};
for (const [name, [include, status]] of Object.entries(broken)) {
  test(`$expand: ${name} is an error`, async () => assert.equal((await ask('POST', 'ValueSet/$expand', withSystem({ valueSet: valueSet(include) }), { status })).resourceType, 'OperationOutcome'));
}
test('$expand of an unknown value set', async () => assert.equal((await ask('GET', 'ValueSet/$expand', { url: 'https://example.org/none' }, { status: [404, 422] })).issue[0].code, 'not-found'));
test('$expand of the Belgian prescription types', async () => {
  const set = await ask('GET', 'ValueSet/$expand', { url: types.replace('CodeSystem/be-cs', 'ValueSet/be-vs'), displayLanguage: 'fr' });
  assert.ok(codes(set).includes('hygienic-care'));
});

// ---- SNOMED ----------------------------------------------------------------------------------------------------

const ecl = (expression, fields = {}, options) => ask('GET', 'ValueSet/$expand', { url: `${snomed}?fhir_vs=ecl/${expression}`, ...fields }, options);
test('SNOMED: everything, first page', async () => {
  const set = await ask('GET', 'ValueSet/$expand', { url: `${snomed}?fhir_vs`, count: 10 });
  assert.equal(codes(set).length, 10);
  assert.ok(set.expansion.total > 100);
});
test('SNOMED: isa, ECL and members agree', async () => {
  const isa = new Set(codes(await ask('GET', 'ValueSet/$expand', { url: `${snomed}?fhir_vs=isa/9632001` })));
  assert.ok(isa.has('9632001'));
  assert.deepEqual(new Set(codes(await ecl('<< 9632001'))), isa);
  assert.equal(codes(await ecl('< 9632001')).length, isa.size - 1);
  assert.deepEqual(codes(await ecl('<< 9632001 MINUS < 9632001')), ['9632001']);
  assert.deepEqual(new Set(codes(await ecl('9632001 OR 225964003'))), new Set(['9632001', '225964003']));
  assert.deepEqual(codes(await ecl('9632001 |verpleegkunde| AND 9632001')), ['9632001']);
});
for (const expression of ['<< ', '(9632001', '9632001 AND 225964003 OR 385805005', '<< 9632001 MINUS < 9632001 MINUS 225964003', 'nonsense', '<< 123456789012345678901']) {
  test(`SNOMED: the expression "${expression}" is an error with its place`, async () => {
    const out = await ecl(expression, {}, { status: [400, 404, 422] });
    assert.ok(out.issue[0].details?.text || out.issue[0].diagnostics);
  });
}
test('SNOMED: prefixes of words, in Dutch and French, with and without accents', async () => {
  const found = await ask('GET', 'ValueSet/$expand', { url: `${snomed}?fhir_vs`, filter: 'ech', displayLanguage: 'fr', count: 10 });
  assert.ok(codes(found).length > 0);
  const accent = await ask('GET', 'ValueSet/$expand', { url: `${snomed}?fhir_vs`, filter: 'éch', displayLanguage: 'fr', count: 10 });
  assert.deepEqual(codes(accent), codes(found));
});
test('SNOMED: the version is told in both spellings', async () => {
  const set = await ask('GET', 'ValueSet/$expand', { url: `${snomed}?fhir_vs=isa/9632001` });
  const told = Object.fromEntries(set.expansion.parameter.map((p) => [p.name, p.valueUri]));
  assert.match(told['used-codesystem'], /^http:\/\/snomed\.info\/sct\|http:\/\/snomed\.info\/sct\/11000172109\/version\/\d{8}$/);
  assert.equal(told.version, told['used-codesystem']);
});
test('SNOMED: a code without its terms in a set', async () => assert.equal(value(await ask('GET', 'ValueSet/$validate-code', { url: `${snomed}?fhir_vs=isa/9632001`, system: snomed, code: '9632001' }), 'result'), true));

// ---- batch, formats, metadata ----------------------------------------------------------------------------------

test('a batch answers in order, with an outcome for the bad one', async () => {
  const entry = (url) => ({ request: { method: 'GET', url } });
  const res = await fetch(`${base}/fhir`, { method: 'POST', headers: { 'Content-Type': 'application/fhir+json' }, body: JSON.stringify({ resourceType: 'Bundle', type: 'batch',
    entry: [entry(`CodeSystem/$validate-code?url=${types}&code=hygienic-care`), entry(`CodeSystem/$lookup?system=${types}&code=none`), { request: { method: 'POST', url: 'CodeSystem/$lookup' }, resource: parameters({ system: types, code: 'sampling' }) }] }) });
  const bundle = await res.json();
  assert.deepEqual([res.status, bundle.type, bundle.entry.length], [200, 'batch-response', 3]);
  assert.deepEqual(bundle.entry.map((e) => e.response.status.slice(0, 3)), ['200', '404', '200']);
  assert.equal(value(bundle.entry[0].resource, 'result'), true);
  assert.equal(bundle.entry[1].resource.resourceType, 'OperationOutcome');
});
test('a transaction is refused', async () => {
  const res = await fetch(`${base}/fhir`, { method: 'POST', headers: { 'Content-Type': 'application/fhir+json' }, body: '{"resourceType":"Bundle","type":"transaction"}' });
  assert.equal(res.status, 400);
});
test('terminology capabilities name the systems and the parameters of $expand', async () => {
  const caps = await (await fetch(`${base}/fhir/metadata?mode=terminology`)).json();
  assert.equal(caps.resourceType, 'TerminologyCapabilities');
  assert.ok(caps.codeSystem.some((c) => c.uri === snomed));
  for (const name of ['activeOnly', 'count', 'displayLanguage', 'tx-resource', 'filter']) assert.ok(caps.expansion.parameter.some((p) => p.name === name), name);
});
test('XML is not spoken', async () => assert.equal((await fetch(`${base}/fhir/metadata`, { headers: { Accept: 'application/fhir+xml' } })).status, 406));
test('another content type is a 415', async () => assert.equal((await fetch(`${base}/fhir/CodeSystem/$lookup`, { method: 'POST', headers: { 'Content-Type': 'text/plain' }, body: 'x' })).status, 415));
test('a code system can be written, found, used and removed', async () => {
  const url = `${base}/fhir/CodeSystem/colours`;
  const put = await fetch(url, { method: 'PUT', headers: { 'Content-Type': 'application/fhir+json' }, body: JSON.stringify({ ...codeSystem, id: 'colours' }) });
  assert.ok([200, 201].includes(put.status), await put.text());
  assert.equal((await (await fetch(`${base}/fhir/CodeSystem?url=${colours}`)).json()).total, 1);
  assert.equal(value(await ask('GET', 'CodeSystem/$lookup', { system: colours, code: 'red' }), 'display'), 'Red');
  assert.ok([200, 204].includes((await fetch(url, { method: 'DELETE' })).status));
  await ask('GET', 'CodeSystem/$lookup', { system: colours, code: 'red' }, { status: 404 });
});

await run();
