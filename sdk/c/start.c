/* Where a program for the C library of WASI begins. wasi-libc's own start leaves it to the linker to run constructors, and the
 * linker then runs constructors and destructors around every export, also around malloc when the host calls that. */
extern void __wasm_call_ctors(void);
extern void __wasm_call_dtors(void);
extern int __main_void(void);
_Noreturn void __wasi_proc_exit(__UINT32_TYPE__);

__attribute__((export_name("_start"))) void _start(void) {
    __wasm_call_ctors();
    int status = __main_void();
    __wasm_call_dtors();
    if (status) __wasi_proc_exit((__UINT32_TYPE__)status);
}
