import { run } from '@s3kit-internal/debian/run';
import { dnsName, tlsDnsName, websiteDnsName } from './settings.mjs';

/** @import { Settings } from './settings.mjs' */

/**
 * Makes an authority, and a certificate that it signed: some clients refuse an authority's own certificate on a server.
 *
 * @param {Settings} settings
 */
export async function makeCertificate({ file }) {
  const names = [dnsName, `*.${dnsName}`, `*.${websiteDnsName}`, tlsDnsName, `*.${tlsDnsName}`].map(
    (name) => `DNS:${name}`,
  );
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '3650'];
  await run('openssl', [
    ...request,
    ...['-subj', '/CN=s3kit gateway authority', '-addext', 'keyUsage=critical,keyCertSign'],
    ...['-keyout', file('ca.key'), '-out', file('ca.crt')],
  ]);
  await run('openssl', [
    ...request,
    ...['-subj', `/CN=${dnsName}`, '-addext', `subjectAltName=${[...names, 'IP:127.0.0.1'].join(',')}`],
    ...['-addext', 'basicConstraints=critical,CA:FALSE', '-addext', 'extendedKeyUsage=serverAuth'],
    ...['-CA', file('ca.crt'), '-CAkey', file('ca.key'), '-keyout', file('tls.key'), '-out', file('tls.crt')],
  ]);
}
