package lib

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var (
	shapesParagraph = regexp.MustCompile(`(?s)// Shapes: (.*?)\n// Order: `)
	shape           = regexp.MustCompile(`(\w+(?:(?:,| and) \w+)*)((?:\[[^\]]*\])+)(?:, (\w+) alike)?`)
	sameAs          = regexp.MustCompile(`\bas of (\w+)`)
	shapeName       = regexp.MustCompile(`\w+`)
	overrideDefault = regexp.MustCompile(`(?m)^override (\w+): u32 = (\d+);`)
	dimension       = regexp.MustCompile(`^(?:ceil\((\w+) / (\w+)\)|(\w+) / (\w+)|(\w+))$`)
)

// Sizes gives the words of bindings 0.1, 0.2 ... that the Shapes paragraph of the text asks for. Elements that share a word
// are counted as if they did not, and a matrix of each batch is counted where the kernel has batches: what is bound to be
// large enough, for timing.
func (o *Op) Sizes(p map[string]uint32, overrides map[string]float64) ([]uint64, error) {
	m, err := o.Module()
	if err != nil {
		return nil, err
	}
	values := map[string]uint64{}
	for _, d := range overrideDefault.FindAllStringSubmatch(o.source, -1) {
		values[d[1]], _ = strconv.ParseUint(d[2], 10, 32)
	}
	for name, v := range overrides {
		values[name] = uint64(v)
	}
	for name, v := range p {
		values[name] = uint64(v)
	}
	text, err := o.shapes()
	if err != nil {
		return nil, err
	}
	words := map[string]uint64{}
	for _, s := range shape.FindAllStringSubmatch(text, -1) {
		n, ok := elements(s[2], values)
		if !ok {
			continue
		}
		s[1] += " " + s[3]
		for _, name := range shapeName.FindAllString(s[1], -1) {
			words[name] = max(words[name], n)
		}
	}
	var out []uint64
	for _, b := range m.Entries()[0].Bindings[1:] {
		n, ok := words[b.Name]
		if !ok {
			return nil, fmt.Errorf("%s: its paragraph Shapes does not say how large %s is", o.Name, b.Name)
		}
		out = append(out, max(n, (b.MinBytes+3)/4))
	}
	return out, nil
}

// shapes is the text of the paragraph Shapes, after those of the kernels that it says it is as.
func (o *Op) shapes() (string, error) {
	source, err := o.Source()
	if err != nil {
		return "", err
	}
	found := shapesParagraph.FindStringSubmatch(source)
	if found == nil {
		return "", fmt.Errorf("%s: its header has no paragraph Shapes before Order", o.Name)
	}
	text := strings.ReplaceAll(found[1], "\n// ", " ")
	for _, m := range sameAs.FindAllStringSubmatch(text, -1) {
		other, err := Get(m[1])
		if err != nil || other.Name == o.Name {
			continue // "as of" something else
		}
		more, err := other.shapes()
		if err != nil {
			return "", err
		}
		text = more + " " + text
	}
	return text, nil
}

// elements is the product of dimensions in brackets: "[m, k]" or "[n][dim]".
func elements(brackets string, values map[string]uint64) (uint64, bool) {
	n := uint64(1)
	list := strings.FieldsFunc(brackets, func(r rune) bool { return strings.ContainsRune("[],", r) })
	for _, text := range list {
		text = strings.TrimSpace(text)
		if text == "" {
			continue
		}
		d := dimension.FindStringSubmatch(text)
		if d == nil {
			return 0, false
		}
		value := func(name string) (uint64, bool) {
			if v, err := strconv.ParseUint(name, 10, 32); err == nil {
				return v, true
			}
			v, ok := values[name]
			return v, ok
		}
		over, by := d[1]+d[3]+d[5], d[2]+d[4]
		v, ok := value(over)
		if !ok {
			return 0, false
		}
		if by != "" {
			w, ok := value(by)
			if !ok || w == 0 {
				return 0, false
			}
			v = (v + w - 1) / w
		}
		if n *= v; n > math.MaxUint32 {
			return 0, false
		}
	}
	if batch, ok := values["batch"]; ok && !slices.ContainsFunc(list, func(d string) bool { return strings.TrimSpace(d) == "batch" }) {
		n *= batch
	}
	return n, true
}
