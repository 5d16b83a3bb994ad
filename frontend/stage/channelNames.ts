// What the channels of a quantity are called.
import type { Quantity } from "../shared/views";
import { headed, partName, type Scene } from "./scene";

/** Name of a channel: a feature's name, its head and number in it, or its number (all from 0). */
export function channelName(scene: Scene, given: Quantity, channel: number): string {
  const quantity = scene.base(given);
  const shape = scene.shape(quantity);
  if (headed(quantity)) return headName(quantity, shape, channel);
  const names = /feature/.test(quantity.axes.at(-1) ?? "")
    ? [scene.view.feature_names, scene.view.edge_feature_names].find((n) => n.length === shape.at(-1))
    : undefined;
  if (names && shape.length === 1) return names[channel]!;
  if (shape.length < 2) return String(channel);
  const inner = shape.slice(1).reduce((a, b) => a * b, 1);
  return `${Math.floor(channel / inner)}, ${channel % inner}`;
}

function headName(quantity: Quantity, [heads, ...inner]: number[], channel: number): string {
  const width = inner.reduce((a, b) => a * b, 1);
  if (heads === 1) return String(channel);
  const head = `${partName(quantity)} ${Math.floor(channel / width)}`;
  return inner.length ? `${head}, ${quantity.axes[1] === "base" ? "base" : "channel"} ${channel % width}` : head;
}

/** The same where nothing else says that it is a channel. */
export function channelTitle(scene: Scene, quantity: Quantity, channel: number): string {
  const name = channelName(scene, quantity, channel);
  return name === String(channel) ? `channel ${name}` : name;
}
