import { once } from 'node:events';
import { createServer, request as sendRequest } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { checkResponse, isBodyChecked } from '@kv/tooling/response-check';

/** What the proxy does to one request. */
export type Fault =
  /** Hands it on as it is. */
  | { readonly type: 'none' }
  /** Hands it on after a while. */
  | { readonly type: 'delay'; readonly millis: number }
  /** Cuts the connection before the server hears of the request. */
  | { readonly type: 'cut before' }
  /** Lets the server answer, and cuts the connection instead of handing the answer on. */
  | { readonly type: 'cut after' }
  /** Hands half of the body of the request on, and cuts both connections. */
  | { readonly type: 'cut upload' }
  /** Hands the head and half of the body of the answer on, and cuts. */
  | { readonly type: 'truncate' }
  /** Hands the head and half of the body of the answer on, and then nothing more. */
  | { readonly type: 'stall' }
  /** Sends the request to the server twice, one after the other, and hands the second answer on. */
  | { readonly type: 'duplicate' }
  /** Cuts the connection, and hands the whole request on later. */
  | { readonly type: 'late'; readonly until: Promise<unknown> }
  /** Hands the request on as it is, and once more later. */
  | { readonly type: 'late duplicate'; readonly until: Promise<unknown> }
  /** Answers itself, without asking the server. */
  | { readonly type: 'answer'; readonly status: number; readonly retryAfter?: string }
  /** Takes the request, and never answers. */
  | { readonly type: 'silence' };

/** An answer of the server. */
interface Answer {
  readonly head: IncomingMessage;
  readonly body: Buffer;
}

type Answered = Parameters<typeof isBodyChecked>[0];

/** Decides on the fault of each request. */
export type ChooseFault = (request: IncomingMessage, index: number) => Fault;

/** An HTTP proxy that breaks what passes through it. */
export class FaultProxy implements AsyncDisposable {
  readonly #server = createServer((incoming, outgoing) => void this.#handle(incoming, outgoing));
  readonly #target: URL;
  /** What was wrong with answers of the server. */
  readonly #problems: string[] = [];
  readonly #late: Promise<unknown>[] = [];
  #choose: ChooseFault = () => ({ type: 'none' });
  #count = 0;
  #url = '';

  constructor(target: string) {
    this.#target = new URL(target);
  }

  /** Starts a proxy in front of a server. */
  static async start(target: string): Promise<FaultProxy> {
    const proxy = new FaultProxy(target);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    proxy.#url = `http://127.0.0.1:${(proxy.#server.address() as AddressInfo).port}`;
    return proxy;
  }

  get url(): string {
    return this.#url;
  }

  /** How many requests have come since the last call of {@link FaultProxy.use}. */
  get count(): number {
    return this.#count;
  }

  /** Says what to do with the requests from now on. */
  use(choose: ChooseFault): void {
    this.#choose = choose;
    this.#count = 0;
  }

  /** Does these things to the next requests, one each, and nothing to those after. */
  useOnce(...faults: readonly Fault[]): void {
    this.use((_request, index) => faults[index] ?? { type: 'none' });
  }

  /** Waits until the server has answered what was handed on late. */
  async settled(): Promise<void> {
    await Promise.all(this.#late);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    if (this.#problems.length > 0) throw new Error(`Not as Apify's document says:\n${this.#problems.join('\n')}`);
  }

  /** Only here the answer of the server is whole. */
  async #check(incoming: IncomingMessage, { head, body }: Answer): Promise<void> {
    const json = async (): Promise<unknown> => JSON.parse(body.toString());
    this.#problems.push(...(await checkResponse({ ...answered(incoming, head), json })));
  }

  async #handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const fault = this.#choose(incoming, this.#count);
    this.#count += 1;
    try {
      await this.#apply(fault, incoming, outgoing);
    } catch {
      outgoing.destroy();
    }
  }

  async #apply(fault: Fault, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    switch (fault.type) {
      case 'none':
        return this.#forward(incoming, outgoing);
      case 'delay':
        await new Promise((resolve) => setTimeout(resolve, fault.millis));
        return this.#forward(incoming, outgoing);
      case 'cut before':
        return void incoming.destroy();
      case 'cut upload':
        return this.#cutUpload(incoming);
      case 'silence':
        return void incoming.resume();
      case 'late': {
        const body = await buffer(incoming);
        outgoing.destroy();
        this.#askLater(incoming, body, fault.until);
        return;
      }
      case 'answer': {
        incoming.resume();
        const headers = fault.retryAfter === undefined ? {} : { 'retry-after': fault.retryAfter };
        outgoing.writeHead(fault.status, headers).end('<h1>Broken</h1>');
        return;
      }
      default:
        return this.#breakAnswer(fault, incoming, outgoing);
    }
  }

  async #breakAnswer(fault: Fault, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await buffer(incoming);
    const answers = [await this.#ask(incoming, body)];
    if (fault.type === 'duplicate') answers.push(await this.#ask(incoming, body));
    if (fault.type === 'late duplicate') this.#askLater(incoming, body, fault.until);
    const answer = answers.at(-1) as Answer;
    if (fault.type === 'cut after') return void outgoing.destroy();
    outgoing.writeHead(answer.head.statusCode ?? 500, answer.head.headers);
    if (isWhole(fault)) return void outgoing.end(answer.body);
    outgoing.write(answer.body.subarray(0, Math.floor(answer.body.length / 2)), () => {
      if (fault.type === 'truncate') outgoing.destroy();
    });
  }

  #open(incoming: IncomingMessage): ReturnType<typeof sendRequest> {
    const { hostname, port } = this.#target;
    const { method, url, headers } = incoming;
    return sendRequest({ hostname, port, method, path: url, headers, agent: false });
  }

  async #forward(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const upstream = this.#open(incoming);
    incoming.pipe(upstream);
    incoming.on('close', () => incoming.complete || upstream.destroy());
    const [head] = (await once(upstream, 'response')) as [IncomingMessage];
    outgoing.writeHead(head.statusCode ?? 500, head.headers);
    head.on('error', () => outgoing.destroy());
    outgoing.on('close', () => head.destroy());
    head.pipe(outgoing);
    await this.#check(incoming, { head, body: await bodyToCheck(incoming, head) });
  }

  async #ask(incoming: IncomingMessage, body: Buffer): Promise<Answer> {
    const upstream = this.#open(incoming);
    upstream.end(body);
    const [head] = (await once(upstream, 'response')) as [IncomingMessage];
    const answer = { head, body: await buffer(head) };
    await this.#check(incoming, answer);
    return answer;
  }

  #askLater(incoming: IncomingMessage, body: Buffer, until: Promise<unknown>): void {
    this.#late.push(until.then(() => this.#ask(incoming, body)));
  }

  async #cutUpload(incoming: IncomingMessage): Promise<void> {
    const { socket } = incoming;
    const upstream = this.#open(incoming);
    upstream.on('error', () => undefined);
    for await (const chunk of incoming as AsyncIterable<Buffer>) {
      await new Promise((resolve) => upstream.write(chunk.subarray(0, Math.ceil(chunk.length / 2)), resolve));
      break;
    }
    upstream.destroy();
    // To leave the loop has taken the request off its connection.
    socket.destroy();
  }
}

function isWhole({ type }: Fault): boolean {
  return type === 'duplicate' || type === 'late duplicate';
}

function answered({ method = 'GET', url = '' }: IncomingMessage, { statusCode = 0 }: IncomingMessage): Answered {
  return { method, path: url.split('?', 1)[0] ?? '', status: statusCode };
}

/** Reads an answer on its way to the client, if it is one that is looked at. */
async function bodyToCheck(incoming: IncomingMessage, head: IncomingMessage): Promise<Buffer> {
  return isBodyChecked(answered(incoming, head)) ? buffer(head) : Buffer.alloc(0);
}
