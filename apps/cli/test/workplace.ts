import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { S3Connection, S3Name, Storage } from '@s3kit/core';
import { type S3Server, type ServerOptions, startServer } from '@s3kit/server';

/** The built command. */
export const program: string = fileURLToPath(new URL('../bin/s3.cjs', import.meta.url));
const user = { accessKeyId: 'CLITESTS', secretAccessKey: 'cli-tests-secret' };

/** How a command ended. */
export interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number | null;
}

/** A command that runs. */
export interface Running {
  /** What it has printed so far. */
  readonly output: { readonly stdout: string; readonly stderr: string };
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<Outcome>;
}

/** An endpoint, and a folder with an s3.yaml that leads to it, in which the built command runs. */
export class Workplace {
  readonly folder: string;
  readonly server: S3Server;
  /** The same endpoint without the command. */
  readonly storage: Storage;

  private constructor(folder: string, server: S3Server) {
    this.folder = folder;
    this.server = server;
    this.storage = new Storage(new S3Connection({ ...user, endpoint: server.endpoint }));
  }

  static async open(options: ServerOptions = {}): Promise<Workplace> {
    const place = new Workplace(
      await mkdtemp(join(tmpdir(), 's3kit-cli-')),
      await startServer({ users: [user], ...options }),
    );
    await place.configure({});
    return place;
  }

  /** Writes objects into my-bucket. */
  async put(objects: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
    await Promise.all(
      Object.entries(objects).map(([key, content]) =>
        this.storage.write(
          typeof content === 'string' ? { text: content } : content,
          new S3Name(key, 'my-bucket'),
        ),
      ),
    );
  }

  /** The keys of my-bucket. */
  async objects(): Promise<string[]> {
    const keys: string[] = [];
    for await (const entry of this.storage.bucketListKeys('my-bucket'))
      if (typeof entry !== 'string') keys.push(entry.key);
    return keys;
  }

  /** The files below a folder, those that are hidden too. */
  async files(name = '.'): Promise<string[]> {
    const found = await readdir(this.path(name), { recursive: true, withFileTypes: true });
    const files = found.filter((entry) => !entry.isDirectory());
    const top = this.path(name);
    return files
      .map((entry) => relative(top, join(entry.parentPath, entry.name)))
      .sort((one, other) => (one < other ? -1 : 1));
  }

  /** Writes an s3.yaml; undefined takes a key away. */
  async configure(changes: Record<string, unknown>, file = 's3.yaml'): Promise<void> {
    const keys = {
      access_key_id: user.accessKeyId,
      secret_access_key: user.secretAccessKey,
      default_bucket: 'my-bucket',
      endpoint: this.server.endpoint,
      ...changes,
    };
    // JSON is YAML.
    await this.write(file, JSON.stringify({ s3: keys }));
  }

  /** The keys of its user. */
  get keys(): typeof user {
    return user;
  }

  /** The configuration as environment variables. */
  get environment(): NodeJS.ProcessEnv {
    return {
      AWS_ACCESS_KEY_ID: user.accessKeyId,
      AWS_SECRET_ACCESS_KEY: user.secretAccessKey,
      AWS_ENDPOINT_URL: this.server.endpoint,
    };
  }

  async write(name: string, content: string | Uint8Array): Promise<void> {
    await mkdir(dirname(this.path(name)), { recursive: true });
    await writeFile(this.path(name), content);
  }

  read(name: string): Promise<string> {
    return readFile(this.path(name), 'utf8');
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** The ids of uploads that are neither completed nor aborted. */
  async uploads(): Promise<string[]> {
    const query = { uploads: '' };
    const { connection } = this.storage;
    const { response } = await connection.send({ method: 'GET', bucket: 'my-bucket', query });
    return [...response.body.matchAll(/<UploadId>([^<]+)/g)].map(([, id = '']) => id);
  }

  /** Runs the built command as a user would, in a pipe; `input` is what comes from standard input. */
  async s3(
    args: readonly string[],
    environment: NodeJS.ProcessEnv = {},
    cwd = this.folder,
    input?: string,
    installed = program,
  ): Promise<Outcome> {
    return this.start(args, environment, cwd, input, installed).ended;
  }

  /** The same, and does not wait for its end. */
  start(
    args: readonly string[],
    environment: NodeJS.ProcessEnv = {},
    cwd = this.folder,
    input = '',
    installed = program,
  ): Running {
    return this.#run([process.execPath, installed, ...args], environment, cwd, input);
  }

  /** Runs a script of bash, in which `s3` is the built command. */
  async shell(script: string, environment: NodeJS.ProcessEnv = {}): Promise<Outcome> {
    const s3 = `s3() { "${process.execPath}" "${program}" "$@"; }`;
    return this.#run(['bash', '-c', `${s3}\n${script}`], environment, this.folder, '').ended;
  }

  #run(
    [command = '', ...args]: string[],
    environment: NodeJS.ProcessEnv,
    cwd: string,
    input: string,
  ): Running {
    const child = spawn(command, args, {
      cwd,
      env: { PATH: process.env['PATH'], HOME: this.folder, ...environment },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    // Many commands never read what is there.
    child.stdin.on('error', () => undefined).end(input);
    const output = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
    const ended = once(child, 'close').then(([status]) => ({ ...output, status: status as number | null }));
    return { output, kill: (signal) => void child.kill(signal), ended };
  }

  /**
   * Runs the built command on a terminal; all that it shows comes as one text.
   *
   * @param answers - what is typed, each when its question is shown
   */
  async onTerminal(
    command: string,
    environment: NodeJS.ProcessEnv = {},
    answers: readonly (readonly [question: string, answer: string])[] = [],
  ): Promise<string> {
    const child = spawn('script', ['-qec', `${process.execPath} ${program} ${command}`, '/dev/null'], {
      cwd: this.folder,
      env: { PATH: process.env['PATH'], HOME: this.folder, TERM: 'xterm', ...environment },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    if (answers.length === 0) child.stdin.end();
    let shown = '';
    const left = [...answers];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      shown += text;
      const [next] = left;
      if (next === undefined || !shown.includes(next[0])) return;
      left.shift();
      child.stdin.write(`${next[1]}\r`);
    });
    await once(child, 'close');
    return shown;
  }

  async close(): Promise<void> {
    this.storage.connection.close();
    await this.server.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** What a command prints when it succeeds. */
export function prints(stdout: string): Outcome {
  return { stdout, stderr: '', status: 0 };
}
