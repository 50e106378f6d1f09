import { log, messageOf } from '../log.js';

/** The events of an actor and what their listeners are given. */
export interface ActorEvents {
  /** State should be saved: every minute, before a migration, and on exit. */
  readonly persistState: { readonly isMigrating: boolean };
  /** The run is about to move to another machine. */
  readonly migrating: undefined;
  /** The run is about to be stopped, by its user or by SIGINT or SIGTERM. */
  readonly aborting: undefined;
  /** The actor exits. */
  readonly exit: { readonly exitCode: number; readonly statusMessage: string | undefined };
}

/** The name of an event. */
export type ActorEvent = keyof ActorEvents;

/** Listens to an event. What it returns is awaited. */
export type ActorEventListener<Event extends ActorEvent> = (payload: ActorEvents[Event]) => unknown;

type AnyListener = (payload: never) => unknown;

/** Tells listeners of events, and waits for them. */
export class EventManager {
  readonly #listeners = new Map<ActorEvent, Set<AnyListener>>();

  /** Adds a listener; the same one is called once however often it was added. */
  on<Event extends ActorEvent>(event: Event, listener: ActorEventListener<Event>): void {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(listener));
  }

  /** Removes a listener, or all of an event. */
  off<Event extends ActorEvent>(event: Event, listener?: ActorEventListener<Event>): void {
    if (listener) this.#listeners.get(event)?.delete(listener);
    else this.#listeners.delete(event);
  }

  /** Calls all listeners and waits for them. One that fails is logged, and keeps no other from its work. */
  async emit<Event extends ActorEvent>(event: Event, payload: ActorEvents[Event]): Promise<void> {
    const listeners = [...(this.#listeners.get(event) ?? [])] as ActorEventListener<Event>[];
    await Promise.all(
      listeners.map(async (listener) => {
        try {
          await listener(payload);
        } catch (error) {
          log(`a listener of the event ${event} failed: ${messageOf(error)}`);
        }
      }),
    );
  }
}
