// A real OpenID provider for the tests, on this machine alone; anybody may sign in as anybody.
//
// Its argument is JSON: port, clients, keys (private JWKs), resource. What it signs can be spoilt
// through /test/spoil, with its own key, so that everything but the one fault is as it should be:
//   {"of": "id_token", "claims": {...}, "header": {...}, "drop": [...], "as": "own|none|hs256"}
// holds for the tokens it gives out from then on; null ends it. /test/roles sets the app roles.

import { createHmac, createPublicKey } from 'node:crypto';
import { createServer } from 'node:http';
import { CompactSign, decodeJwt, decodeProtectedHeader, importJWK } from 'jose';
import Provider from 'oidc-provider';

const { port, clients, keys, resource } = JSON.parse(process.argv[2]);
const issuer = `http://127.0.0.1:${port}`;
let spoilt = null;
let roles;

const said = (sub) => ({ sub, email: sub, ...(roles === undefined ? {} : { roles }) });

const provider = new Provider(issuer, {
  clients,
  jwks: { keys },
  cookies: { keys: ['only a test'] },
  pkce: { required: () => true },
  scopes: ['openid', 'profile', 'email'],
  claims: { openid: ['sub', 'roles'], email: ['email'], profile: [] },
  // Some providers put everything into the ID token, others want to be asked once more.
  conformIdTokenClaims: false,
  findAccount: (ctx, sub) => ({ accountId: sub, claims: async () => said(sub) }),
  extraTokenClaims: (ctx, token) => (token.accountId ? said(token.accountId) : undefined),
  // Consent would be one page more to click through; it is none of what is tested.
  async loadExistingGrant(ctx) {
    const grant = new ctx.oidc.provider.Grant({
      clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId,
    });
    grant.addOIDCScope('openid profile email');
    grant.addResourceScope(resource, 'cases');
    await grant.save();
    return grant;
  },
  features: {
    devInteractions: { enabled: true },
    rpInitiatedLogout: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: (ctx, indicator) => ({
        scope: 'cases', audience: indicator, accessTokenTTL: 300, accessTokenFormat: 'jwt',
        jwt: { sign: { alg: 'RS256' } },
      }),
    },
  },
});

const encoded = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

async function spoil(token) {
  const claims = { ...decodeJwt(token), ...spoilt.claims };
  (spoilt.drop ?? []).forEach((name) => delete claims[name]);
  const header = { ...decodeProtectedHeader(token), ...spoilt.header };
  if (spoilt.as === 'none') {
    return `${encoded({ ...header, alg: 'none' })}.${encoded(claims)}.`;
  }
  if (spoilt.as === 'hs256') {
    const { d, p, q, dp, dq, qi, ...open } = keys[0];
    const pem = createPublicKey({ key: open, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
    const body = `${encoded({ ...header, alg: 'HS256' })}.${encoded(claims)}`;
    return `${body}.${createHmac('sha256', pem).update(body).digest('base64url')}`;
  }
  const key = await importJWK(keys[0], 'RS256');
  return new CompactSign(Buffer.from(JSON.stringify(claims))).setProtectedHeader(header).sign(key);
}

provider.use(async (ctx, next) => {
  await next();
  if (spoilt && ctx.path === '/token' && ctx.body?.[spoilt.of]) {
    ctx.body = { ...ctx.body, [spoilt.of]: await spoil(ctx.body[spoilt.of]) };
  }
});

const answer = provider.callback();
createServer(async (request, response) => {
  if (!request.url.startsWith('/test/')) {
    return answer(request, response);
  }
  let text = '';
  for await (const part of request) text += part;
  const given = text ? JSON.parse(text) : undefined;
  if (request.url === '/test/spoil') spoilt = given;
  if (request.url === '/test/roles') roles = given === null ? undefined : given;
  return response.end('done');
}).listen(port, '127.0.0.1', () => console.log('ready'));
