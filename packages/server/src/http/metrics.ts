import { collectDefaultMetrics, Counter, Histogram, Registry } from 'prom-client';

/** What is measured of a request. */
export interface MeasuredRequest {
  readonly method: string;
  /** Path of its row in the route table, so that there are as many labels as rows. */
  readonly route: string;
  readonly status: number;
  readonly durationMillis: number;
}

const MAX_WAITING = 1000;

/** Counts requests for Prometheus, beside what it wants to know of a process. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #requests: Counter;
  readonly #durations: Histogram;
  // Many are counted one after the other in a fraction of the time that it takes between other work.
  #waiting: MeasuredRequest[] = [];

  constructor() {
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry });
    this.#requests = new Counter({
      name: 'kv_server_requests_total',
      help: 'Requests that were answered.',
      labelNames: ['method', 'route', 'status'],
      registers,
    });
    this.#durations = new Histogram({
      name: 'kv_server_request_duration_seconds',
      help: 'Time until the response began.',
      labelNames: ['method', 'route'],
      registers,
    });
  }

  /** Counts a request. */
  record(request: MeasuredRequest): void {
    if (this.#waiting.push(request) >= MAX_WAITING) this.#count();
  }

  /** Gives the page that Prometheus reads. */
  async page(): Promise<{ readonly body: string; readonly contentType: string }> {
    this.#count();
    return { body: await this.#registry.metrics(), contentType: this.#registry.contentType };
  }

  #count(): void {
    for (const { method, route, status, durationMillis } of this.#waiting) {
      this.#requests.inc({ method, route, status });
      this.#durations.observe({ method, route }, durationMillis / 1000);
    }
    this.#waiting = [];
  }
}
