package binding

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"slices"
)

// WASI error numbers.
const (
	wasiOK          = 0
	wasiBadf        = 8
	wasiBusy        = 10
	wasiExist       = 20
	wasiIlseq       = 25
	wasiInval       = 28
	wasiIsdir       = 31
	wasiMfile       = 33
	wasiNametoolong = 37
	wasiNoent       = 44
	wasiNospc       = 51
	wasiNotdir      = 54
	wasiNotempty    = 55
	wasiNotsock     = 57
	wasiNotsup      = 58
	wasiRofs        = 69
	wasiSpipe       = 70
	wasiNotcap      = 76
)

// A clock starts at the first second of 2000 (UTC) and goes on by a microsecond each time it is read: it counts calls,
// because real time would be a different result on every machine.
const (
	clockStart = 946_684_800_000_000_000
	clockTick  = 1_000
)

// wasiFunctions is wasi_snapshot_preview1 as far as programs in Go, Rust and C need it to start and in normal use, without
// anything that isn't the same on every machine. There are arguments, standard input at its end, standard output and error
// going to the log, clocks that count, random bytes from the seed, the job's inputs and outputs as files, and exit. There
// are no sockets, links, signals or environment: asking for one is answered with an error number, as on a system that has
// none, and the first time with a line in the log.
func wasiFunctions() []*function {
	wasi := func(name, sig string, do func(*call)) *function { return def("wasi_snapshot_preview1", name, sig, do) }
	refuse := func(name, sig string, errno uint64, why string) *function {
		return wasi(name, sig, func(c *call) { c.ret = c.refuse(errno, why) })
	}
	onFile := func(c *call) { // something that does nothing to a file that is open
		if c.u32(0) > rootFD && c.file(c.u32(0)) == nil {
			c.ret = wasiBadf
		}
	}
	return []*function{
		wasi("args_get", "ii:i", argsGet),
		wasi("args_sizes_get", "ii:i", argsSizes),
		wasi("environ_get", "ii:i", func(*call) {}),
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
				c.write64(c.u32(2), c.now())
			}
		}),
		wasi("random_get", "ii:i", randomGet),
		wasi("proc_exit", "i", func(c *call) { panic(&Exit{c.u32(0)}) }),
		wasi("sched_yield", ":i", func(*call) {}),
		wasi("poll_oneoff", "iiii:i", pollOneoff),

		wasi("fd_advise", "illi:i", onFile),
		wasi("fd_close", "i:i", fdClose),
		wasi("fd_datasync", "i:i", onFile),
		wasi("fd_fdstat_get", "ii:i", fdStat),
		wasi("fd_fdstat_set_flags", "ii:i", fdSetFlags),
		wasi("fd_fdstat_set_rights", "ill:i", onFile),
		wasi("fd_filestat_get", "ii:i", fdFilestat),
		wasi("fd_filestat_set_size", "il:i", fdSetSize),
		wasi("fd_filestat_set_times", "illi:i", onFile),
		wasi("fd_pread", "iiili:i", fdPositioned((*call).readFile)),
		wasi("fd_prestat_dir_name", "iii:i", func(c *call) {
			switch {
			case c.u32(0) != rootFD:
				c.ret = wasiBadf
			case c.u32(2) < 1:
				c.ret = wasiNametoolong
			default:
				c.write(c.u32(1), []byte("/"))
			}
		}),
		wasi("fd_prestat_get", "ii:i", func(c *call) {
			if c.u32(0) != rootFD {
				c.ret = wasiBadf
				return
			}
			c.write64(c.u32(1), 1<<32) // a directory, with a name of one byte
		}),
		wasi("fd_pwrite", "iiili:i", fdPositioned((*call).writeFile)),
		wasi("fd_read", "iiii:i", fdRead),
		wasi("fd_readdir", "iiili:i", fdReaddir),
		wasi("fd_renumber", "ii:i", fdRenumber),
		wasi("fd_seek", "ilii:i", fdSeek),
		wasi("fd_sync", "i:i", onFile),
		wasi("fd_tell", "ii:i", fdTell),
		wasi("fd_write", "iiii:i", fdWrite),
		wasi("path_create_directory", "iii:i", pathMakeDirectory),
		wasi("path_filestat_get", "iiiii:i", pathFilestat),
		wasi("path_filestat_set_times", "iiiilli:i", func(c *call) { _, c.ret = c.path(c.u32(0), c.u32(2), c.u32(3)) }),
		wasi("path_open", "iiiiillii:i", pathOpen),
		wasi("path_readlink", "iiiiii:i", func(c *call) {
			if _, c.ret = c.path(c.u32(0), c.u32(1), c.u32(2)); c.ret == wasiOK {
				c.ret = wasiInval // no file is a link
			}
		}),
		wasi("path_remove_directory", "iii:i", pathRemoveDirectory),
		wasi("path_rename", "iiiiii:i", pathRename),
		wasi("path_unlink_file", "iii:i", pathUnlink),

		refuse("fd_allocate", "ill:i", wasiNotsup, "room for a file cannot be set aside"),
		refuse("path_link", "iiiiiii:i", wasiNotsup, "there are no links"),
		refuse("path_symlink", "iiiii:i", wasiNotsup, "there are no links"),
		refuse("proc_raise", "i:i", wasiNotsup, "there are no signals"),
		refuse("sock_accept", "iii:i", wasiNotsock, "there are no sockets"),
		refuse("sock_recv", "iiiiii:i", wasiNotsock, "there are no sockets"),
		refuse("sock_send", "iiiii:i", wasiNotsock, "there are no sockets"),
		refuse("sock_shutdown", "ii:i", wasiNotsock, "there are no sockets"),
	}
}

// refuse answers a call that asks for what a job cannot have. The first time a line in the log says so.
func (c *call) refuse(errno uint64, why string) uint64 {
	if i, found := slices.BinarySearch(c.h.state.Refused, c.fn.name); !found {
		c.h.state.Refused = slices.Insert(c.h.state.Refused, i, c.fn.name)
		c.mention("wasi", c.fn.name+" is refused: "+why+"\n")
	}
	return errno
}

// now is the clock's time in nanoseconds since 1970.
func (c *call) now() uint64 { return clockStart + c.h.state.Clock*clockTick }

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

// pollOneoff waits for nothing: what is asked of a descriptor has happened, and a guest that asks for a time alone has slept
// until the first of those it asks for. Its clock moves on, or it would ask again for ever.
func pollOneoff(c *call) {
	subs := c.array("subscriptions", c.u32(0), c.u32(2), 48)
	if len(subs) == 0 {
		c.ret = wasiInval
		return
	}
	const clock, fdRead, fdWrite = 0, 1, 2
	var ready [][]byte
	first := uint64(math.MaxUint64)
	times := make([]uint64, len(subs))
	for i, s := range subs {
		e := make([]byte, 32)
		copy(e, s[:8]) // the user's number
		e[10] = s[8]
		switch fd := s.u32(16); {
		case s[8] == clock && fd <= 3:
			times[i] = s.u64(24)
			if s[40]&1 == 0 { // a duration, else a moment
				times[i] = c.now() + min(times[i], math.MaxUint64-c.now())
			}
			first = min(first, times[i])
			continue
		case s[8] != fdRead && s[8] != fdWrite || s[8] == clock:
			binary.LittleEndian.PutUint16(e[8:], wasiInval)
		case fd > rootFD && c.file(fd) == nil:
			binary.LittleEndian.PutUint16(e[8:], wasiBadf)
		case fd == 0:
			e[24] = 1 // hung up
		default:
			e[16] = 1 // a byte at least can be read or written
		}
		ready = append(ready, e)
	}
	if len(ready) == 0 {
		const most = math.MaxInt64 - clockStart - 1e9 // where the clock ends
		if first > c.now() {
			c.h.state.Clock = (min(first, clockStart+most) - clockStart) / clockTick
			if c.now() < first {
				c.h.state.Clock++
			}
		}
		for i, s := range subs {
			if times[i] <= first {
				e := make([]byte, 32)
				copy(e, s[:8])
				ready = append(ready, e)
			}
		}
	}
	for i, e := range ready {
		c.write(c.u32(1)+32*uint32(i), e)
	}
	c.write32(c.u32(3), uint32(len(ready)))
}
