// Command gwrun runs jobs (WebAssembly modules that call WGSL kernels) on this machine or on a network of strangers,
// and checks that what was run is what was asked for. Each verb is one file, cmd_VERB.go; exit codes are in exit.go.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/gwrun/gwrun/kernels/webgpu"
	"github.com/gwrun/gwrun/runtime"
)

func main() {
	// A GPU device is a second process of this program, and so is what compiles a module: if this is one, it never returns.
	webgpu.RunChildIfAsked()
	runtime.RunChildIfAsked()
	runtime.Default.Dir, runtime.Default.Recent = runtime.CacheDir(), runtime.NewRecent(16<<20)
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run is the whole program: args without the program's name, what it prints to, and the exit status it gives back.
// SIGINT and SIGTERM cancel the context every verb works under, so that devices, files and children are closed; a
// second signal ends the process at once.
func run(args []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)

	g := &globals{stdout: stdout, stderr: stderr}
	root := newRootCmd(g)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err != nil && ctx.Err() != nil {
		err = &exitError{code: exitInterrupted, err: errInterrupted}
	}
	return g.report(err)
}
