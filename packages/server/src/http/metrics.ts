import { collectDefaultMetrics, Counter, Histogram, Registry } from 'prom-client';

/** What is measured of a request. */
export interface MeasuredRequest {
  readonly method: string;
  /** Path of its row in the route table, so that there are as many labels as rows. */
  readonly route: string;
  readonly status: number;
  readonly durationMillis: number;
}

/** Counts requests for Prometheus, beside what it wants to know of a process. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #requests: Counter;
  readonly #durations: Histogram;

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
  record({ method, route, status, durationMillis }: MeasuredRequest): void {
    this.#requests.inc({ method, route, status });
    this.#durations.observe({ method, route }, durationMillis / 1000);
  }

  /** Gives the page that Prometheus reads. */
  async page(): Promise<{ readonly body: string; readonly contentType: string }> {
    return { body: await this.#registry.metrics(), contentType: this.#registry.contentType };
  }
}
