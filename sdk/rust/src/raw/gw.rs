//! `gw.h`: inputs, outputs, arguments, log, progress, seed and step.
#![allow(missing_docs)]

/// What gw_step returns; any other value says that the job failed.
pub const GW_DONE: i32 = 0;
pub const GW_AGAIN: i32 = 1;

/// Returned by [`gw_input_find`] where there is no input of that name.
pub const GW_NONE: i32 = -1;

/// In place of a callback's address: its event waits for [`gw_event_take`].
pub const GW_TAKE: u32 = u32::MAX;

pub const GW_EVENT_ADAPTER: u32 = 1;
pub const GW_EVENT_DEVICE: u32 = 2;
pub const GW_EVENT_MAP: u32 = 3;
pub const GW_EVENT_WORK_DONE: u32 = 4;
pub const GW_EVENT_SCOPE: u32 = 5;
pub const GW_EVENT_PIPELINE: u32 = 6;
pub const GW_EVENT_COMPILATION: u32 = 7;
pub const GW_EVENT_UNCAPTURED: u32 = 8;
pub const GW_EVENT_LOST: u32 = 9;

#[repr(C)]
#[allow(non_camel_case_types)]
#[derive(Clone, Copy, Debug, Default)]
pub struct gw_event {
    pub future: u64,
    pub kind: u32,
    pub status: u32,
    pub handle: u32,
    pub r#type: u32,
    pub userdata1: u32,
    pub userdata2: u32,
    pub message_len: u32,
    pub reserved: u32,
}

#[link(wasm_import_module = "gw")]
extern "C" {
    #[link_name = "input_count"]
    pub fn gw_input_count() -> u32;
    #[link_name = "input_name_len"]
    pub fn gw_input_name_len(index: u32) -> u32;
    #[link_name = "input_name"]
    pub fn gw_input_name(index: u32, to: *mut u8, size: u32) -> u32;
    #[link_name = "input_find"]
    pub fn gw_input_find(name: *const u8, name_len: u32) -> i32;
    #[link_name = "input_len"]
    pub fn gw_input_len(index: u32) -> u64;
    #[link_name = "input_read"]
    pub fn gw_input_read(index: u32, offset: u64, to: *mut u8, size: u32) -> u32;
    #[link_name = "output_write"]
    pub fn gw_output_write(name: *const u8, name_len: u32, data: *const u8, size: u32);
    #[link_name = "arg_count"]
    pub fn gw_arg_count() -> u32;
    #[link_name = "arg_len"]
    pub fn gw_arg_len(index: u32) -> u32;
    #[link_name = "arg_read"]
    pub fn gw_arg_read(index: u32, to: *mut u8, size: u32) -> u32;
    #[link_name = "log"]
    pub fn gw_log(text: *const u8, len: u32);
    #[link_name = "progress"]
    pub fn gw_progress(fraction: f64, text: *const u8, len: u32);
    #[link_name = "seed"]
    pub fn gw_seed() -> u64;
    #[link_name = "step_index"]
    pub fn gw_step_index() -> u64;
    #[link_name = "event_take"]
    pub fn gw_event_take(future: u64, event: *mut gw_event, message: *mut u8, size: u32) -> u32;
}
