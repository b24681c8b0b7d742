// Says of every kernel what running it would take, and makes its pipeline.

import * as gw from "../assembly/gw";
import * as wgpu from "../assembly/wgpu";
import { Constant } from "../assembly/kernel";
import { all } from "./all";

function text(list: Constant[]): string {
  let s = "";
  for (let i = 0; i < list.length; i++) s += ` ${list[i].name}=${list[i].value}`;
  return s;
}

export function _start(): void {
  const list = all();
  for (let i = 0; i < list.length; i++) {
    const k = list[i];
    const tile = k.tile();
    const values = new StaticArray<u32>(tile.length);
    for (let j = 0; j < tile.length; j++) values[j] = <u32>tile[j].value;
    const words = k.words();
    gw.writeOutputText("kernels", `${k.name()} words ${words.join(" ")} grid ${k.grid(words, values).join(" ")} bindings ${k.bindings().join(" ")}` +
      ` written ${k.writable()} constants${text(k.constants())} tile${text(tile)}\n`);
    new wgpu.Pipeline(k.source(), k.name(), k.constants().concat(tile)).release();
  }
}
