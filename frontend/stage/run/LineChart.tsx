// A small line chart over the rounds; the number at the pointer, or reached by key, is written out.
import { useState } from "preact/hooks";
import { num } from "../../shared/format";
import { Formula } from "../Formula";

const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [300, 132, 46, 12, 10, 22];
/** Names of rounds that find room under the line. */
const MOST_TICKS = 9;

interface LineChartProps {
  name: string;
  formula: string;
  titles: string[];
  /** null where there is no number: the line has a gap. */
  values: (number | null)[];
  said: (place: number) => string;
}

export function LineChart({ name, formula, titles, values, said }: LineChartProps) {
  const [at, setAt] = useState<number | null>(null);
  const last = titles.length - 1;
  const top = Math.max(...values.map((v) => v ?? 0));
  const x = (t: number) => LEFT + (last ? (t / last) * (WIDTH - LEFT - RIGHT) : 0);
  const y = (v: number) => HEIGHT - BOTTOM - (top > 0 ? (v / top) * (HEIGHT - TOP - BOTTOM) : 0);
  const known = [...values.keys()].filter((t) => values[t] !== null);
  const path = known.map((t) => `${values[t - 1] == null ? "M" : "L"}${x(t).toFixed(1)} ${y(values[t]!).toFixed(1)}`);
  const every = Math.ceil((last + 1) / MOST_TICKS);
  const place = Math.min(at ?? last, last);
  const keys = (event: KeyboardEvent) => {
    const to = { ArrowRight: place + 1, ArrowLeft: place - 1, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    setAt(Math.max(0, Math.min(last, to)));
    event.preventDefault();
    event.stopPropagation();
  };
  const point = (event: PointerEvent) => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const along = (((event.clientX - box.left) / box.width) * WIDTH - LEFT) / (WIDTH - LEFT - RIGHT);
    setAt(Math.max(0, Math.min(last, Math.round(along * last))));
  };
  const text = `${titles[place]}: ${said(place)}`;
  return (
    <figure class="lab-chart">
      <figcaption>
        <b>{name}</b> <Formula text={formula} />
      </figcaption>
      <div
        role="slider"
        tabIndex={0}
        aria-label={`${name} by round`}
        aria-valuemin={0}
        aria-valuemax={last}
        aria-valuenow={place}
        aria-valuetext={text}
        onKeyDown={keys}
        onPointerMove={point}
      >
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
          {(top > 0 ? [0, top] : [0]).map((v) => (
            <g key={v}>
              <line class="lab-grid" x1={LEFT} x2={WIDTH - RIGHT} y1={y(v)} y2={y(v)} />
              <text x={LEFT - 6} y={y(v) + 4} text-anchor="end">
                {num(v, 2)}
              </text>
            </g>
          ))}
          {titles.map((title, t) =>
            t % every ? null : (
              <text key={t} x={x(t)} y={HEIGHT - 6} text-anchor="middle">
                {t ? title.replace(/\D+/, "") : "h⁰"}
              </text>
            ),
          )}
          <line class="lab-grid" x1={x(place)} x2={x(place)} y1={TOP} y2={HEIGHT - BOTTOM} />
          <path class="lab-curve" d={path.join("")} />
          {known.map((t) => (
            <circle key={t} class={t === place ? "lab-here" : undefined} cx={x(t)} cy={y(values[t]!)} r={t === place ? 4.5 : 3} />
          ))}
        </svg>
      </div>
      <p class="lab-said">{text}</p>
    </figure>
  );
}
