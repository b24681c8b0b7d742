// Package jobfile reads and writes what a person keeps on disk: job folders (job.toml and the files it names), receipt
// files and checkpoint files.
package jobfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime"
)

// Name is the file in a job folder that describes the job.
const Name = "job.toml"

// Bounds of what is read into memory.
const (
	maxDescription = 1 << 20
	maxModule      = 256 << 20
	maxInput       = 4 << 30
)

// A Job is a job as a person describes it: the files it is made of and what they chose about it. Its zero value with a
// Module is a job without inputs and with every default.
type Job struct {
	// Name is what the job calls itself, or else the name of its folder or module without .wasm.
	Name string
	// Module is the path of the .wasm file.
	Module string
	// Inputs are the paths of the input files by name.
	Inputs map[string]string
	Args   []string
	Seed   uint64
	// Interval is the number of steps between committed states; 0 leaves it to the runtime.
	Interval uint64
	// Limits that are zero leave the limit to the runtime.
	Limits  msg.Limits
	Require msg.Requirements
	// Shards makes the job a set of them; nil is one job.
	Shards *Shards
}

// description is the layout of job.toml.
type description struct {
	part
	Name    string `toml:"name"`
	Seed    count  `toml:"seed"`
	Require struct {
		DeviceKind string `toml:"device_kind"`
		Memory     count  `toml:"memory"`
		Probe      string `toml:"probe"`
		Speed      count  `toml:"speed"`
		GPUSpeed   count  `toml:"gpu_speed"`
		Region     string `toml:"region"`
		Stake      tokens `toml:"stake"`
	} `toml:"require"`
	Shards *shardsDescription `toml:"shards"`
}

// part is what the shards of a job and their reduce each have.
type part struct {
	Module   string            `toml:"module"`
	Args     []string          `toml:"args"`
	Interval count             `toml:"interval"`
	Inputs   map[string]string `toml:"inputs"`
	Limits   map[string]count  `toml:"limits"`
}

// parse makes a job of it, whose paths are relative to folder.
func (p *part) parse(folder string) (*Job, error) {
	if p.Module == "" {
		return nil, errors.New("no module is named: want module = \"FILE.wasm\"")
	}
	module, err := resolve(folder, p.Module)
	if err != nil {
		return nil, fmt.Errorf("module: %w", err)
	}
	job := &Job{Module: module, Inputs: map[string]string{}, Args: p.Args, Interval: uint64(p.Interval)}
	for name, value := range p.Limits {
		if err := job.SetLimit(name, uint64(value)); err != nil {
			return nil, err
		}
	}
	for name, path := range p.Inputs {
		resolved, err := resolve(folder, path)
		if err == nil {
			err = job.SetInput(name, resolved)
		}
		if err != nil {
			return nil, fmt.Errorf("input %q: %w", name, err)
		}
	}
	return job, nil
}

// count is a number that is not negative; the TOML package alone would wrap -1 around.
type count uint64

// UnmarshalTOML implements toml.Unmarshaler.
func (c *count) UnmarshalTOML(v any) error {
	n, ok := v.(int64)
	if !ok || n < 0 {
		return fmt.Errorf("%v, want a whole number that is not negative", v)
	}
	*c = count(n)
	return nil
}

// tokens is an amount of money: text, such as "1.5", or a whole number. A float would round it.
type tokens struct{ msg.Amount }

// UnmarshalTOML implements toml.Unmarshaler.
func (t *tokens) UnmarshalTOML(v any) (err error) {
	switch v.(type) {
	case string, int64:
		t.Amount, err = msg.ParseAmount(fmt.Sprint(v))
		return err
	}
	return fmt.Errorf("%v, want an amount as text, such as \"1.5\"", v)
}

// Open finds the job at path: a .wasm file, a job folder, or the job.toml of one. It reads the description but not the
// module and the inputs.
func Open(path string) (*Job, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, plain(err)
	}
	switch {
	case info.IsDir():
		path = filepath.Join(path, Name)
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%s: no %s in this folder", filepath.Dir(path), Name)
		}
	case filepath.Base(path) != Name:
		return &Job{Name: stem(path), Module: path}, nil
	}
	text, err := ReadFile(path, maxDescription)
	if err != nil {
		return nil, err
	}
	job, err := Parse(string(text), filepath.Dir(path))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return job, nil
}

// Parse reads the text of a job.toml that stands in folder.
func Parse(text, folder string) (*Job, error) {
	var d description
	meta, err := toml.Decode(text, &d)
	if err != nil {
		var at toml.ParseError
		if errors.As(err, &at) {
			return nil, fmt.Errorf("line %d: %s", at.Position.Line, at.Message)
		}
		return nil, errors.New(strings.TrimPrefix(err.Error(), "toml: "))
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		return nil, fmt.Errorf("unknown key %q", unknown[0].String())
	}
	job, err := d.part.parse(folder)
	if err != nil {
		return nil, err
	}
	job.Name, job.Seed = d.Name, uint64(d.Seed)
	q := &d.Require
	job.Require = msg.Requirements{DeviceKind: q.DeviceKind, Memory: uint64(q.Memory), Probe: q.Probe, Speed: uint64(q.Speed), GPUSpeed: uint64(q.GPUSpeed), Region: q.Region, Stake: q.Stake.Amount}
	if job.Name == "" {
		job.Name = stem(folder)
	}
	switch d.Require.DeviceKind {
	case "", "cpu", "gpu":
	default:
		return nil, fmt.Errorf("require.device_kind is %q, want \"cpu\" or \"gpu\"", d.Require.DeviceKind)
	}
	if d.Shards != nil {
		if job.Shards, err = d.Shards.parse(job, folder); err != nil {
			return nil, err
		}
	}
	return job, nil
}

// resolve makes a path in a job.toml relative to the folder it stands in. A description that came from elsewhere has no
// business with absolute paths.
func resolve(folder, path string) (string, error) {
	if path == "" {
		return "", errors.New("its path is empty")
	}
	if filepath.IsAbs(path) || filepath.VolumeName(path) != "" {
		return "", fmt.Errorf("path %s is absolute, want one relative to the job's folder", path)
	}
	return filepath.Join(folder, filepath.FromSlash(path)), nil
}

// SetInput adds an input or puts another file in its place.
func (j *Job) SetInput(name, path string) error {
	if name == "" || len(name) > 255 {
		return fmt.Errorf("input name of %d bytes, want 1 to 255", len(name))
	}
	if path == "" {
		return fmt.Errorf("input %s: its path is empty", name)
	}
	if j.Inputs == nil {
		j.Inputs = map[string]string{}
	}
	j.Inputs[name] = path
	return nil
}

// SetArg adds an argument. One of the form name=value takes the place of the first argument with that name.
func (j *Job) SetArg(arg string) {
	if name, _, ok := strings.Cut(arg, "="); ok {
		for i, a := range j.Args {
			if strings.HasPrefix(a, name+"=") {
				j.Args[i] = arg
				return
			}
		}
	}
	j.Args = append(j.Args, arg)
}

// SetLimit sets a limit by its name: that of the msg.Limits field in JSON.
func (j *Job) SetLimit(name string, value uint64) error {
	l := &j.Limits
	wide := map[string]*uint64{"buffer_bytes": &l.BufferBytes, "gas": &l.Gas, "gpu_gas": &l.GPUGas, "output_bytes": &l.OutputBytes,
		"log_bytes": &l.LogBytes, "shader_bytes": &l.ShaderBytes, "steps": &l.Steps}
	narrow := map[string]*uint32{"memory_pages": &l.MemoryPages, "handles": &l.Handles, "stack_depth": &l.StackDepth}
	most := uint64(math.MaxUint64)
	if narrow[name] != nil {
		most = math.MaxUint32
	} else if wide[name] == nil {
		all := append(slices.Collect(maps.Keys(wide)), slices.Collect(maps.Keys(narrow))...)
		sort.Strings(all)
		return fmt.Errorf("unknown limit %q, want one of %s", name, strings.Join(all, ", "))
	}
	if value == 0 || value > most {
		return fmt.Errorf("limit %s is %d, want 1 to %d", name, value, most)
	}
	if to := wide[name]; to != nil {
		*to = value
	} else {
		*narrow[name] = uint32(value)
	}
	return nil
}

// Spec is what the job says besides its files.
func (j *Job) Spec() runtime.Spec {
	return runtime.Spec{Args: j.Args, Seed: j.Seed, Limits: j.Limits, Interval: j.Interval}
}

// Read reads the module and the inputs, these sorted by name.
func (j *Job) Read() (module []byte, inputs []runtime.Input, err error) {
	if module, err = ReadFile(j.Module, maxModule); err != nil {
		return nil, nil, err
	}
	names := make([]string, 0, len(j.Inputs))
	for n := range j.Inputs {
		names = append(names, n)
	}
	sort.Strings(names)
	for _, n := range names {
		data, err := ReadFile(j.Inputs[n], maxInput)
		if err != nil {
			return nil, nil, fmt.Errorf("input %s: %w", n, err)
		}
		inputs = append(inputs, runtime.Input{Name: n, Data: data})
	}
	return module, inputs, nil
}

// Prepare reads the files and makes the runnable job of them.
func (j *Job) Prepare() (*runtime.Job, error) {
	module, inputs, err := j.Read()
	if err != nil {
		return nil, err
	}
	job, err := runtime.NewJob(module, inputs, j.Spec())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", j.Module, err)
	}
	return job, nil
}

// ReadFile reads a regular file of at most limit bytes.
func ReadFile(path string, limit int64) ([]byte, error) {
	// Stat before open: opening a FIFO waits for its other end.
	info, err := os.Stat(path)
	if err != nil {
		return nil, plain(err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: not a regular file", path)
	}
	if info.Size() > limit {
		return nil, fmt.Errorf("%s: %d bytes, want at most %d", path, info.Size(), limit)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, plain(err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, plain(err)
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("%s: grew past %d bytes while it was read", path, limit)
	}
	return data, nil
}

// plain turns "open x: no such file or directory" into "x: no such file or directory".
func plain(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return fmt.Errorf("%s: %w", p.Path, p.Err)
	}
	return err
}

func stem(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	return strings.TrimSuffix(filepath.Base(path), ".wasm")
}
