package binding

import (
	"crypto/sha256"
	"encoding/binary"
)

// WASI error numbers.
const (
	wasiOK     = 0
	wasiBadf   = 8
	wasiInval  = 28
	wasiNosys  = 52
	wasiSpipe  = 70
	wasiNotcap = 76
)

// A clock starts at the first second of 2000 (UTC) and goes on by a microsecond each time it is read: it counts calls,
// because real time would be a different result on every machine.
const (
	clockStart = 946_684_800_000_000_000
	clockTick  = 1_000
)

// wasiFunctions is wasi_snapshot_preview1 as far as start-up code of Go, Rust and C needs it, without anything that
// isn't the same on every machine. There are arguments, standard input at its end, standard output and error going to
// the log, clocks that count, random bytes from the seed, and exit. There are no files, sockets or environment: asking
// for one is answered with an error number, as on a system that grants none.
func wasiFunctions() []*function {
	wasi := func(name, sig string, do func(*call)) *function { return def("wasi_snapshot_preview1", name, sig, do) }
	answer := func(name, sig string, errno uint64) *function {
		return wasi(name, sig, func(c *call) { c.ret = errno })
	}
	return []*function{
		wasi("args_get", "ii:i", argsGet),
		wasi("args_sizes_get", "ii:i", argsSizes),
		answer("environ_get", "ii:i", wasiOK),
		wasi("environ_sizes_get", "ii:i", func(c *call) {
			c.write32(c.u32(0), 0)
			c.write32(c.u32(1), 0)
		}),
		wasi("clock_res_get", "ii:i", func(c *call) {
			if c.clock() {
				c.write64(c.u32(1), clockTick)
			}
		}),
		wasi("clock_time_get", "ili:i", func(c *call) {
			if c.clock() {
				c.h.state.Clock++
				c.write64(c.u32(2), clockStart+c.h.state.Clock*clockTick)
			}
		}),
		wasi("random_get", "ii:i", randomGet),
		wasi("fd_write", "iiii:i", fdWrite),
		wasi("fd_read", "iiii:i", func(c *call) {
			if c.u32(0) != 0 {
				c.ret = wasiBadf
				return
			}
			c.write32(c.u32(3), 0) // standard input is at its end
		}),
		wasi("fd_close", "i:i", func(c *call) { c.stdio(wasiOK) }),
		wasi("fd_seek", "ilii:i", func(c *call) { c.stdio(wasiSpipe) }),
		wasi("fd_tell", "ii:i", func(c *call) { c.stdio(wasiSpipe) }),
		wasi("fd_fdstat_get", "ii:i", func(c *call) {
			if c.stdio(wasiOK); c.ret == wasiOK {
				b := make([]byte, 24)
				b[0] = 2                                   // a character device
				binary.LittleEndian.PutUint64(b[8:], 1<<6) // the right to write
				if c.u32(0) == 0 {
					b[8] = 1 << 1 // to read
				}
				c.write(c.u32(1), b)
			}
		}),
		wasi("fd_fdstat_set_flags", "ii:i", func(c *call) { c.stdio(wasiOK) }),
		wasi("fd_filestat_get", "ii:i", func(c *call) {
			if c.stdio(wasiOK); c.ret == wasiOK {
				b := make([]byte, 64)
				b[16] = 2
				c.write(c.u32(1), b)
			}
		}),
		wasi("fd_prestat_get", "ii:i", func(c *call) { c.ret = wasiBadf }),
		wasi("fd_prestat_dir_name", "iii:i", func(c *call) { c.ret = wasiBadf }),
		wasi("proc_exit", "i", func(c *call) { panic(&Exit{c.u32(0)}) }),
		answer("sched_yield", ":i", wasiOK),
		wasi("poll_oneoff", "iiii:i", pollOneoff),

		answer("fd_advise", "illi:i", wasiBadf),
		answer("fd_allocate", "ill:i", wasiBadf),
		answer("fd_datasync", "i:i", wasiBadf),
		answer("fd_fdstat_set_rights", "ill:i", wasiBadf),
		answer("fd_filestat_set_size", "il:i", wasiBadf),
		answer("fd_filestat_set_times", "illi:i", wasiBadf),
		answer("fd_pread", "iiili:i", wasiBadf),
		answer("fd_pwrite", "iiili:i", wasiBadf),
		answer("fd_readdir", "iiili:i", wasiBadf),
		answer("fd_renumber", "ii:i", wasiBadf),
		answer("fd_sync", "i:i", wasiBadf),
		answer("path_create_directory", "iii:i", wasiNotcap),
		answer("path_filestat_get", "iiiii:i", wasiNotcap),
		answer("path_filestat_set_times", "iiiilli:i", wasiNotcap),
		answer("path_link", "iiiiiii:i", wasiNotcap),
		answer("path_open", "iiiiillii:i", wasiNotcap),
		answer("path_readlink", "iiiiii:i", wasiNotcap),
		answer("path_remove_directory", "iii:i", wasiNotcap),
		answer("path_rename", "iiiiii:i", wasiNotcap),
		answer("path_symlink", "iiiii:i", wasiNotcap),
		answer("path_unlink_file", "iii:i", wasiNotcap),
		answer("proc_raise", "i:i", wasiNosys),
		answer("sock_accept", "iii:i", wasiNosys),
		answer("sock_recv", "iiiiii:i", wasiNosys),
		answer("sock_send", "iiiii:i", wasiNosys),
		answer("sock_shutdown", "ii:i", wasiNosys),
	}
}

// stdio answers errno for descriptors 0 to 2 and "no such descriptor" for others.
func (c *call) stdio(errno uint64) {
	c.ret = errno
	if c.u32(0) > 2 {
		c.ret = wasiBadf
	}
}

// clock checks a clock's number: 0 to 3 are WASI's.
func (c *call) clock() bool {
	if c.u32(0) > 3 {
		c.ret = wasiInval
		return false
	}
	return true
}

// argv is the program's name, as WASI guests expect it first, and the arguments.
func (c *call) argv() [][]byte {
	out := [][]byte{[]byte("job\x00")}
	for _, a := range c.h.cfg.Args {
		out = append(out, append([]byte(a), 0))
	}
	return out
}

func argsSizes(c *call) {
	n := 0
	args := c.argv()
	for _, a := range args {
		n += len(a)
	}
	c.write32(c.u32(0), uint32(len(args)))
	c.write32(c.u32(1), uint32(n))
}

func argsGet(c *call) {
	ptrs, at := c.u32(0), c.u32(1)
	for i, a := range c.argv() {
		c.write32(ptrs+4*uint32(i), at)
		c.write(at, a)
		at += uint32(len(a))
	}
}

// randomGet gives the next bytes of the job's random stream: block i of 32 bytes is the SHA-256 of a tag, the seed and i.
func randomGet(c *call) {
	out := make([]byte, len(c.view(c.u32(0), c.u32(1))))
	c.charge(uint64(len(out)) * 4)
	var in [32]byte
	copy(in[:16], "gwrun random 1")
	binary.LittleEndian.PutUint64(in[16:], c.h.cfg.Seed)
	for i := 0; i < len(out); {
		binary.LittleEndian.PutUint64(in[24:], c.h.state.Random/32)
		block := sha256.Sum256(in[:])
		n := copy(out[i:], block[c.h.state.Random%32:])
		i += n
		c.h.state.Random += uint64(n)
	}
	c.write(c.u32(0), out)
}

func fdWrite(c *call) {
	stream := ""
	switch c.u32(0) {
	case 1:
		stream = "stdout"
	case 2:
		stream = "stderr"
	default:
		c.ret = wasiBadf
		return
	}
	var n uint32
	for _, v := range c.array("pieces", c.u32(1), c.u32(2), 8) {
		c.logBytes(stream, c.read(v.u32(0), v.u32(4)), false)
		n += v.u32(4)
	}
	c.write32(c.u32(3), n)
}

// pollOneoff says at once that everything asked for has happened.
func pollOneoff(c *call) {
	subs := c.array("subscriptions", c.u32(0), c.u32(2), 48)
	if len(subs) == 0 {
		c.ret = wasiInval
		return
	}
	for i, s := range subs {
		e := make([]byte, 32)
		copy(e, s[:8]) // the user's number
		e[10] = s[8]   // what kind of event
		if s[8] > 2 {
			binary.LittleEndian.PutUint16(e[8:], wasiInval)
		}
		c.write(c.u32(1)+32*uint32(i), e)
	}
	// A guest that sleeps has slept: its clock must have moved on, or it would ask again for ever.
	for _, s := range subs {
		if s[8] != 0 {
			continue
		}
		until := s.u64(24)
		if s[40]&1 == 0 { // a duration, else a moment
			until += clockStart + c.h.state.Clock*clockTick
		}
		if ticks := (until - clockStart) / clockTick; until > clockStart && until < 1<<63 && ticks > c.h.state.Clock {
			c.h.state.Clock = ticks
		}
	}
	c.write32(c.u32(3), uint32(len(subs)))
}
