// A certified OpenID Connect provider (npm oidc-provider) as a province might run one: PKCE demanded, the
// claims under names of its own and at userinfo only, its own login, consent and sign-out pages.
// One argument, JSON: port, jwks (private), clients (what differs between them), people (account -> claims).
// POST /test {"ahead": seconds, "without": ["claim"], "away": true} puts its clock wrong, lets it know less, or
// makes it hang up on everybody.
import { createServer } from "node:http";
import Provider from "oidc-provider";

const { port, jwks, clients, people } = JSON.parse(process.argv[2]);
const issuer = `http://localhost:${port}`; // another site than 127.0.0.1, as in life
const fault = {};
const clock = Date.now;
Date.now = () => clock() + (fault.ahead ?? 0) * 1000;

const provider = new Provider(issuer, {
  clients: clients.map((client) => ({ scope: "openid enterprise", ...client })),
  jwks,
  cookies: { keys: ["for-tests-only"] },
  pkce: { required: () => true },
  scopes: ["openid", "enterprise"],
  claims: { enterprise: ["credit_code", "org_name", "agent", "mobile"] },
  ttl: { AuthorizationCode: 600, AccessToken: 7200, IdToken: 600, Interaction: 3600, Session: 3600, Grant: 3600 },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => Object.fromEntries(Object.entries({ sub: id, ...people[id] }).filter(([name]) => !fault.without?.includes(name))),
  }),
  features: {
    devInteractions: { enabled: false },
    rpInitiatedLogout: {
      logoutSource: (ctx, form) => {
        ctx.body = page(`<h1>退出省平台？</h1>${form}<button form="op.logoutForm" name="logout" value="yes">退出</button>`);
      },
    },
  },
  renderError: (ctx, out) => {
    ctx.type = "html";
    ctx.body = page(`<h1>${out.error}</h1><p>${out.error_description ?? ""}</p>`);
  },
});

const page = (body) => `<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>省平台</title>${body}</html>`;

async function interact(request, response) {
  const { uid, prompt, params, session, grantId } = await provider.interactionDetails(request, response);
  if (request.method === "GET") {
    const question = prompt.name === "login"
      ? '<h1>省平台登录</h1><label>账号 <input name="account"></label><button name="answer" value="yes">确定</button>'
      : '<h1>授权培育库读取企业信息</h1><button name="answer" value="yes">同意</button><button name="answer" value="no">拒绝</button>';
    response.setHeader("content-type", "text/html");
    return response.end(page(`<form method="post" action="/interaction/${uid}">${question}</form>`));
  }
  const form = new URLSearchParams(await read(request));
  if (form.get("answer") !== "yes") {
    return provider.interactionFinished(request, response, { error: "access_denied", error_description: "refused" });
  }
  if (prompt.name === "login") {
    return provider.interactionFinished(request, response, { login: { accountId: form.get("account") } });
  }
  const grant = grantId
    ? await provider.Grant.find(grantId)
    : new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  return provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } });
}

const read = async (request) => {
  let text = "";
  for await (const part of request) text += part;
  return text;
};

const answer = provider.callback();
createServer(async (request, response) => {
  try {
    if (request.url === "/test") Object.assign(fault, JSON.parse(await read(request)));
    else if (fault.away) return request.socket.destroy();
    else if (request.url.startsWith("/interaction/")) return await interact(request, response);
    else return answer(request, response);
    response.end();
  } catch (error) {
    console.error(error);
    response.writeHead(400).end(String(error));
  }
}).listen(port, "127.0.0.1", () => console.log("ready"));
