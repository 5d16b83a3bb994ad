// The part of anywidget's model that the widgets use.

/** A model whose traits are `T`. */
export interface Model<T> {
  get<K extends keyof T & string>(name: K): T[K];
  set<K extends keyof T & string>(name: K, value: T[K]): void;
  save_changes(): void;
  on(event: string, callback: () => void): void;
  off(event: string, callback: () => void): void;
}

/** Changes come with nothing, messages of the kernel's with their content and buffers. */
export type Heard = (message?: unknown, buffers?: DataView[]) => void;

/** A model that can also be sent messages, and that answers with some. */
export interface Messenger<T> extends Model<T> {
  send(content: unknown, callbacks?: undefined, buffers?: (ArrayBuffer | ArrayBufferView)[]): void;
  on(event: string, callback: Heard): void;
  off(event: string, callback: Heard): void;
}

export interface RenderProps<T, M extends Model<T> = Model<T>> {
  model: M;
  el: HTMLElement;
}

/** Calls `act` at most once in `wait` ms, and always once after the last request. */
export function throttle(act: () => void, wait: number): { (): void; flush(): void; pending(): boolean } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asked = false;
  const run = () => {
    timer = undefined;
    if (!asked) return;
    asked = false;
    act();
    timer = setTimeout(run, wait);
  };
  const request = () => {
    asked = true;
    timer ??= setTimeout(run, 0);
  };
  request.pending = () => asked;
  request.flush = () => {
    clearTimeout(timer);
    timer = undefined;
    if (asked) {
      asked = false;
      act();
    }
  };
  return request;
}
