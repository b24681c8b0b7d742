//go:build unix

package cpu

import (
	"flag"
	"syscall"
	"time"
)

var cpuTime = flag.Bool("cputime", false, "benchmarks take the process's processor time, for a machine that has other things to do")

func init() {
	clock = func() time.Duration {
		if !*cpuTime {
			return time.Since(begin)
		}
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			panic(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
}
