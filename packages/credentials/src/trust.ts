import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { CredentialsError } from './credentials-error.ts';
import type { Environment } from './environment.ts';
import { type HttpAgents, proxyAgents } from './proxy-agents.ts';
import type { AwsSettings } from './settings.ts';

/** The certificates of the authorities that the settings name; undefined where they name none. */
export async function certificateAuthorities({ caBundle }: AwsSettings): Promise<string | undefined> {
  if (caBundle === undefined) return undefined;
  try {
    return await readFile(caBundle.value, 'utf8');
  } catch (error) {
    throw new CredentialsError(
      `the CA bundle that ${caBundle.source} names cannot be read`,
      { file: caBundle.value },
      error,
    );
  }
}

/** The agents that the settings ask for, for proxies and own authorities; undefined where Node's own will do. */
export async function configuredAgents(
  environment: Environment,
  settings: AwsSettings,
): Promise<Partial<HttpAgents> | undefined> {
  const authorities = await certificateAuthorities(settings);
  const agents = await proxyAgents({ environment, certificateAuthorities: authorities });
  if (agents !== undefined || authorities === undefined) return agents;
  const { Agent } = process.getBuiltinModule('node:https');
  return { httpsAgent: new Agent({ keepAlive: true, ca: authorities }) };
}
