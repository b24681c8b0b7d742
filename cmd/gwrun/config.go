package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// A configuration file is the flags of a verb by name, in TOML. There is nothing in it that is not a flag, and no flag that cannot be in it:
// what a flag does is said in one place, and read by one parser.

const maxConfig = 1 << 20

// noSettings are the flags that are about one run of the command.
var noSettings = []string{"config", "print-config", "help"}

// settings lists the flags of a verb that a configuration file may have, sorted. Hidden ones are for tests.
func settings(cmd *cobra.Command) (list []*pflag.Flag) {
	add := func(f *pflag.Flag) {
		if !f.Hidden && !slices.Contains(noSettings, f.Name) && !slices.Contains(list, f) {
			list = append(list, f)
		}
	}
	cmd.Flags().VisitAll(add)
	cmd.InheritedFlags().VisitAll(add)
	slices.SortFunc(list, func(a, b *pflag.Flag) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// configured gives a verb the flags --config and --print-config. It comes after all other flags are there.
func configured(g *globals, cmd *cobra.Command) *cobra.Command {
	var file string
	var show bool
	cmd.Flags().StringVar(&file, "config", "", "`FILE` of settings: the flags of this verb by name, in TOML; flags given here win over it")
	cmd.Flags().BoolVar(&show, "print-config", false, "print the settings in force as such a file, and end")
	run, wants := cmd.RunE, cmd.Args
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if show {
			return nil
		}
		return wants(cmd, args)
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if file != "" {
			text, err := readConfig(file)
			if err != nil {
				return err
			}
			if err := configure(cmd, file, text); err != nil {
				return err
			}
		}
		if show {
			return printConfig(g, cmd)
		}
		return run(cmd, args)
	}
	return cmd
}

func readConfig(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("config: %w", err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxConfig+1))
	if err != nil {
		return "", fmt.Errorf("config: %w", err)
	}
	if len(b) > maxConfig {
		return "", fmt.Errorf("config %s: more than %d bytes", path, maxConfig)
	}
	return string(b), nil
}

// configError is one in a configuration file.
type configError struct {
	file string
	line int
	text string
}

func (e *configError) Error() string {
	return fmt.Sprintf("%s:%d: %s", e.file, e.line, e.text)
}

// at says where in the file an error of the TOML package is.
func at(file string, err error) error {
	var p toml.ParseError
	if !errors.As(err, &p) {
		return fmt.Errorf("%s: %w", file, err)
	}
	text := p.Message
	if text == "" {
		if err = errors.Unwrap(p); err != nil {
			text = err.Error()
		}
	}
	return &configError{file, max(1, p.Position.Line), text}
}

// configure sets the flags that a configuration file has and that were not given on the command line.
func configure(cmd *cobra.Command, file, text string) error {
	var values map[string]toml.Primitive
	meta, err := toml.Decode(text, &values)
	if err != nil {
		return at(file, err)
	}
	known := settings(cmd)
	for _, key := range meta.Keys() { // in the order of the file
		if len(key) > 1 {
			continue // in a table, which is an error itself
		}
		if err := meta.PrimitiveDecode(values[key[0]], &setting{cmd, known, key[0]}); err != nil {
			return at(file, err)
		}
	}
	return nil
}

// setting is what one key of a configuration file sets. As a toml.Unmarshaler its errors come with their place.
type setting struct {
	cmd   *cobra.Command
	known []*pflag.Flag
	name  string
}

func (s *setting) UnmarshalTOML(v any) error {
	i := slices.IndexFunc(s.known, func(f *pflag.Flag) bool { return f.Name == s.name })
	if i < 0 {
		return fmt.Errorf("unknown key %q%s", clip(s.name), s.nearest())
	}
	f := s.known[i]
	if f.Changed { // on the command line
		return nil
	}
	list, isList := v.([]any)
	if !isList {
		list = []any{v}
	}
	var texts []string
	for _, v := range list {
		t, err := settingText(v)
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		texts = append(texts, t)
	}
	if many, ok := f.Value.(pflag.SliceValue); ok {
		if err := many.Replace(texts); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		f.Changed = true
		return nil
	}
	if isList {
		return fmt.Errorf("%s: a list, want one value", s.name)
	}
	if err := s.cmd.Flags().Set(s.name, texts[0]); err != nil {
		return fmt.Errorf("%s: %w", s.name, err)
	}
	return nil
}

// settingText is a value as it would stand on the command line.
func settingText(v any) (string, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case bool:
		return strconv.FormatBool(v), nil
	case int64:
		return strconv.FormatInt(v, 10), nil
	case float64:
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			return strconv.FormatFloat(v, 'g', -1, 64), nil
		}
		return "", fmt.Errorf("%v is no number", v)
	case map[string]any, []map[string]any:
		return "", errors.New("a table; every setting stands at the top")
	case []any:
		return "", errors.New("a list in a list")
	}
	return "", fmt.Errorf("a date or time (%v); put it in quotes", v)
}

// nearest says which key may have been meant.
func (s *setting) nearest() string {
	best, least := "", 1+len(s.name)/2
	for _, f := range s.known {
		if d := distance(clip(s.name), f.Name); d < least {
			best, least = f.Name, d
		}
	}
	if best == "" {
		return fmt.Sprintf(", want one of gwrun %s-h", verbPath(s.cmd))
	}
	return fmt.Sprintf(", did you mean %q?", best)
}

// clip bounds what an error quotes.
func clip(s string) string { return s[:min(len(s), 64)] }

// distance is how many bytes have to be added, dropped or changed to make one of the other (Levenshtein, 1966), by the usual row of a table.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			changed := before
			if a[i] != b[j] {
				changed++
			}
			before = row[j+1]
			row[j+1] = min(changed, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// settingValue is a flag's value as TOML has it.
func settingValue(f *pflag.Flag) any {
	if many, ok := f.Value.(pflag.SliceValue); ok {
		return append([]string{}, many.GetSlice()...)
	}
	text := f.Value.String()
	switch f.Value.Type() {
	case "bool":
		return text == "true"
	case "int", "int64", "uint32", "uint64", "uint":
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return n
		}
	case "float64":
		if x, err := strconv.ParseFloat(text, 64); err == nil {
			return x
		}
	}
	return text
}

// settingLine is a line of a configuration file.
func settingLine(name string, v any) (string, error) {
	b, err := toml.Marshal(map[string]any{name: v})
	return strings.TrimSpace(string(b)), err
}

// printConfig prints the settings in force: what is as it would be anyway stands in a comment, under what it is.
func printConfig(g *globals, cmd *cobra.Command) error {
	values := map[string]any{}
	var text bytes.Buffer
	fmt.Fprintf(&text, "# gwrun %s--config FILE\n# Those behind a # have their default.\n", verbPath(cmd))
	for _, f := range settings(cmd) {
		values[f.Name] = settingValue(f)
		line, err := settingLine(f.Name, values[f.Name])
		if err != nil {
			return err
		}
		if !f.Changed {
			line = "#" + line
		}
		fmt.Fprintf(&text, "\n%s%s\n", comment(f), line)
	}
	return g.print(values, func(w io.Writer) { w.Write(text.Bytes()) })
}

// comment is what a flag's help says of it, as lines of a comment.
func comment(f *pflag.Flag) string {
	const width = 116
	name, usage := pflag.UnquoteUsage(f)
	var b strings.Builder
	at := 0
	for _, word := range strings.Fields(usage) {
		switch {
		case at == 0 || at+1+len(word) > width:
			if at > 0 {
				b.WriteByte('\n')
			}
			b.WriteString("# " + word)
			at = 2 + len(word)
		default:
			b.WriteString(" " + word)
			at += 1 + len(word)
		}
	}
	if name == "duration" {
		b.WriteString(" (such as 90s, 10m or 2h30m)")
	}
	b.WriteByte('\n')
	return b.String()
}
