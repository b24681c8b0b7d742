// WebGPU for compute, safe and short: a device in one call, buffers, pipelines, dispatches, and reading back. A WebGPU error is logged
// and ends the job, except between pushErrorScope and popErrorScope.
//
// Offsets and sizes are bytes and, as WebGPU wants, multiples of 4. What is bound at an offset begins at a multiple of 256.

import * as raw from "./raw";
import * as gw from "./gw";
import { Constant } from "./kernel";

// The usage of a buffer that kernels read and write, and that can be filled and read back.
export const STORAGE: u64 = raw.BufferUsage.Storage | raw.BufferUsage.CopySrc | raw.BufferUsage.CopyDst;

let instance: raw.Instance = 0;
let theDevice: raw.Device = 0;
let theQueue: raw.Queue = 0;

// The handles, for calls of raw.ts.
export function device(): raw.Device {
  open();
  return theDevice;
}
export function queue(): raw.Queue {
  open();
  return theQueue;
}

// Structures lie in this memory while a call is made, texts in blocks of the heap: both outside of the garbage collector.
const RECORDS: usize = memory.data(16384, 8);
const MOST_RECORDS: usize = 16384;
let used: usize = 0;
const texts: usize[] = [];

function record<T>(size: usize): T {
  used = (used + 7) & ~7;
  if (used + size > MOST_RECORDS) gw.fail("a WebGPU call with more than 16 KiB of structures");
  const at = RECORDS + used;
  memory.fill(at, 0, size);
  used += size;
  return changetype<T>(at);
}

function utf8(text: string): usize {
  const to = heap.alloc(String.UTF8.byteLength(text));
  String.UTF8.encodeUnsafe(changetype<usize>(text), text.length, to);
  texts.push(to);
  return to;
}

// done frees what a call's arguments took.
function done(): void {
  used = 0;
  while (texts.length > 0) heap.free(texts.pop());
}

// The last event taken, and its message.
const EVENT: usize = memory.data(40, 8);
const MESSAGE: usize = memory.data(904, 8);
const MOST_MESSAGE: u32 = 900;

function message(): string {
  return String.UTF8.decodeUnsafe(MESSAGE, changetype<raw.Event>(EVENT).messageLen);
}

// wait takes the event of a future. Everything asked for is ready at once.
function wait(future: raw.Future): raw.Event {
  done();
  if (raw.eventTake(future, EVENT, MESSAGE, MOST_MESSAGE) == 0) gw.fail("a WebGPU call gave a future that has no event");
  return changetype<raw.Event>(EVENT);
}

// Ends the job if there was a WebGPU error. The other functions call it where one may come up.
export function check(): void {
  done();
  while (raw.eventTake(0, EVENT, MESSAGE, MOST_MESSAGE) != 0) {
    const kind = changetype<raw.Event>(EVENT).kind;
    if (kind == raw.EventKind.Uncaptured) gw.fail("WebGPU error: " + message());
    if (kind == raw.EventKind.Lost) gw.fail("the device is lost: " + message());
  }
}

// Opens the job's device; only the first call does anything. The other functions call it.
export function open(): void {
  if (theDevice != 0) return;
  instance = raw.createInstance(0);

  const options = record<raw.RequestAdapterCallbackInfo>(raw.RequestAdapterCallbackInfo.SIZE);
  options.mode = raw.CallbackMode.WaitAnyOnly;
  options.callback = raw.TAKE;
  let e = wait(raw.instanceRequestAdapter(instance, 0, changetype<usize>(options)));
  if (e.status != raw.RequestAdapterStatus.Success) gw.fail("there is no adapter: " + message());
  const adapter = e.handle;

  const d = record<raw.DeviceDescriptor>(raw.DeviceDescriptor.SIZE);
  d.labelLength = raw.STRLEN;
  d.defaultQueueLabelLength = raw.STRLEN;
  d.uncapturedErrorCallbackInfoCallback = raw.TAKE;
  const info = record<raw.RequestDeviceCallbackInfo>(raw.RequestDeviceCallbackInfo.SIZE);
  info.mode = raw.CallbackMode.WaitAnyOnly;
  info.callback = raw.TAKE;
  e = wait(raw.adapterRequestDevice(adapter, changetype<usize>(d), changetype<usize>(info)));
  if (e.status != raw.RequestDeviceStatus.Success) gw.fail("there is no device: " + message());
  raw.adapterRelease(adapter);
  theDevice = e.handle;
  theQueue = raw.deviceGetQueue(theDevice);
}

// From now on the first validation error is kept for popErrorScope instead of ending the job.
export function pushErrorScope(): void {
  open();
  check();
  raw.devicePushErrorScope(theDevice, raw.ErrorFilter.Validation);
}

// Ends the innermost scope and gives the first error in it, or null.
export function popErrorScope(): string | null {
  const info = record<raw.PopErrorScopeCallbackInfo>(raw.PopErrorScopeCallbackInfo.SIZE);
  info.mode = raw.CallbackMode.WaitAnyOnly;
  info.callback = raw.TAKE;
  const e = wait(raw.devicePopErrorScope(theDevice, changetype<usize>(info)));
  if (e.type == raw.ErrorType.NoError) return null;
  return message();
}

// Memory of the device.
export class Buffer {
  handle: raw.Buffer;
  size: u64;

  // Makes a buffer of zeros.
  constructor(label: string, size: u64, usage: u64 = STORAGE) {
    open();
    const d = record<raw.BufferDescriptor>(raw.BufferDescriptor.SIZE);
    d.labelData = utf8(label);
    d.labelLength = String.UTF8.byteLength(label);
    d.usage = usage;
    d.size = size;
    this.handle = raw.deviceCreateBuffer(theDevice, changetype<usize>(d));
    this.size = size;
    check();
  }

  // Gives the buffer up. It lives on until what was submitted and still needs it is done.
  release(): void {
    raw.bufferRelease(this.handle);
  }

  // Puts bytes from an address into the buffer, before anything that is submitted later.
  writeFrom(offset: u64, from: usize, size: u32): void {
    raw.queueWriteBuffer(theQueue, this.handle, offset, from, size);
    check();
  }

  // Puts numbers into the buffer.
  write<T>(offset: u64, data: StaticArray<T>): void {
    this.writeFrom(offset, changetype<usize>(data), data.length * sizeof<T>());
  }

  // Copies bytes of the buffer, which has the usage CopySrc, to an address, after everything submitted so far.
  readTo(offset: u64, to: usize, size: u32): void {
    if (size == 0) return;
    const back = new Buffer("readback", size, raw.BufferUsage.MapRead | raw.BufferUsage.CopyDst);
    const c = new Commands();
    c.copy(back, 0, this, offset, size);
    c.submit();
    const info = record<raw.BufferMapCallbackInfo>(raw.BufferMapCallbackInfo.SIZE);
    info.mode = raw.CallbackMode.WaitAnyOnly;
    info.callback = raw.TAKE;
    const e = wait(raw.bufferMapAsync(back.handle, raw.MapMode.Read, 0, size, changetype<usize>(info)));
    if (e.status != raw.MapAsyncStatus.Success) gw.fail("reading a buffer back failed: " + message());
    if (raw.bufferReadMappedRange(back.handle, 0, to, size) != raw.Status.Success) gw.fail("reading a buffer back failed");
    raw.bufferUnmap(back.handle);
    back.release();
  }

  // Reads n numbers.
  read<T>(offset: u64, n: i32): StaticArray<T> {
    const data = new StaticArray<T>(n);
    this.readTo(offset, changetype<usize>(data), n * sizeof<T>());
    return data;
  }
}

// An entry point of a WGSL text, ready to run. Its bindings are those of group 0.
export class Pipeline {
  handle: raw.ComputePipeline = 0;
  layout: raw.BindGroupLayout = 0;

  // Compiles a WGSL text. A mistake in it ends the job with its place in the log.
  constructor(source: string, entry: string, constants: Constant[] = []) {
    open();
    const wgsl = record<raw.ShaderSourceWGSL>(raw.ShaderSourceWGSL.SIZE);
    wgsl.chainSType = raw.SType.ShaderSourceWGSL;
    wgsl.codeData = utf8(source);
    wgsl.codeLength = String.UTF8.byteLength(source);
    const name = utf8(entry);
    const size = String.UTF8.byteLength(entry);
    const m = record<raw.ShaderModuleDescriptor>(raw.ShaderModuleDescriptor.SIZE);
    m.nextInChain = changetype<usize>(wgsl);
    m.labelData = name;
    m.labelLength = size;
    const shader = raw.deviceCreateShaderModule(theDevice, changetype<usize>(m));
    const d = record<raw.ComputePipelineDescriptor>(raw.ComputePipelineDescriptor.SIZE);
    d.labelData = name;
    d.labelLength = size;
    d.computeModule = shader;
    d.computeEntryPointData = name;
    d.computeEntryPointLength = size;
    d.computeConstantCount = constants.length;
    for (let i = 0; i < constants.length; i++) {
      const c = record<raw.ConstantEntry>(raw.ConstantEntry.SIZE); // a multiple of 8: they follow one another
      if (i == 0) d.computeConstants = changetype<usize>(c);
      c.keyData = utf8(constants[i].name);
      c.keyLength = String.UTF8.byteLength(constants[i].name);
      c.value = constants[i].value;
    }
    this.handle = raw.deviceCreateComputePipeline(theDevice, changetype<usize>(d));
    raw.shaderModuleRelease(shader);
    check();
    this.layout = raw.computePipelineGetBindGroupLayout(this.handle, 0);
    check();
  }

  // Gives the pipeline up.
  release(): void {
    raw.computePipelineRelease(this.handle);
    raw.bindGroupLayoutRelease(this.layout);
  }
}

// size bytes of a buffer from an offset, for a binding. Size 0 is the rest of the buffer.
export class Range {
  constructor(public buffer: Buffer, public offset: u64 = 0, public size: u64 = 0) {}
}

// A bind group for group 0: ranges for bindings 0, 1, 2 ...; null leaves its binding out.
export class Group {
  handle: raw.BindGroup = 0;

  constructor(p: Pipeline, ranges: (Range | null)[]) {
    const d = record<raw.BindGroupDescriptor>(raw.BindGroupDescriptor.SIZE);
    d.labelLength = raw.STRLEN;
    d.layout = p.layout;
    for (let i = 0; i < ranges.length; i++) {
      const r = ranges[i];
      if (r === null) continue;
      const e = record<raw.BindGroupEntry>(raw.BindGroupEntry.SIZE); // a multiple of 8: they follow one another
      if (d.entryCount == 0) d.entries = changetype<usize>(e);
      d.entryCount++;
      e.binding = i;
      e.buffer = r.buffer.handle;
      e.offset = r.offset;
      e.size = r.size != 0 ? r.size : raw.WHOLE_SIZE;
    }
    this.handle = raw.deviceCreateBindGroup(theDevice, changetype<usize>(d));
    check();
  }

  // Gives the group up.
  release(): void {
    raw.bindGroupRelease(this.handle);
  }
}

const ONE: usize = memory.data(4, 4);

// A list of commands that run in order when they are submitted.
export class Commands {
  encoder: raw.CommandEncoder = 0;
  pass: raw.ComputePassEncoder = 0;

  constructor() {
    open();
    this.encoder = raw.deviceCreateCommandEncoder(theDevice, 0);
  }

  // Adds a dispatch of workgroups in x, y and z.
  dispatch(p: Pipeline, g: Group, x: u32, y: u32 = 1, z: u32 = 1): void {
    if (this.pass == 0) this.pass = raw.commandEncoderBeginComputePass(this.encoder, 0);
    raw.computePassEncoderSetPipeline(this.pass, p.handle);
    raw.computePassEncoderSetBindGroup(this.pass, 0, g.handle, 0, 0);
    raw.computePassEncoderDispatchWorkgroups(this.pass, x, y, z);
  }

  private endPass(): void {
    if (this.pass == 0) return;
    raw.computePassEncoderEnd(this.pass);
    raw.computePassEncoderRelease(this.pass);
    this.pass = 0;
  }

  // Adds a copy of size bytes between two buffers.
  copy(to: Buffer, toOffset: u64, from: Buffer, fromOffset: u64, size: u64): void {
    this.endPass();
    raw.commandEncoderCopyBufferToBuffer(this.encoder, from.handle, fromOffset, to.handle, toOffset, size);
  }

  // Adds the writing of size zeros.
  clear(b: Buffer, offset: u64, size: u64): void {
    this.endPass();
    raw.commandEncoderClearBuffer(this.encoder, b.handle, offset, size);
  }

  // Runs the list, which is used up.
  submit(): void {
    this.endPass();
    const commands = raw.commandEncoderFinish(this.encoder, 0);
    raw.commandEncoderRelease(this.encoder);
    store<u32>(ONE, commands);
    raw.queueSubmit(theQueue, 1, ONE);
    raw.commandBufferRelease(commands);
    check();
  }
}
