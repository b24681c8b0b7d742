package main

import (
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"
)

// logFlags say how a node tells what it does.
type logFlags struct {
	format, level string
}

// levels are what --log-level takes.
var levels = map[string]slog.Level{"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError}

func (f *logFlags) add(cmd *cobra.Command, standard string) {
	cmd.Flags().StringVar(&f.format, "log", "text", "how to write the log to stderr: `text`, or json, an object a line")
	cmd.Flags().StringVar(&f.level, "log-level", standard, "least `LEVEL` of what is logged: debug, info, warn or error")
}

// logger makes the log. With --log json what else is said on stderr goes into it, too: whoever reads it finds an object on each line.
func (f *logFlags) logger(g *globals) (*slog.Logger, error) {
	level, ok := levels[f.level]
	if !ok {
		return nil, usagef("--log-level %q, want debug, info, warn or error", f.level)
	}
	switch f.format {
	case "text":
		return g.logger(level), nil
	case "json":
		if g.quiet {
			return slog.New(slog.DiscardHandler), nil
		}
		h := slog.NewJSONHandler(g.stderr, &slog.HandlerOptions{Level: level})
		g.lines = slog.New(h)
		return g.lines, nil
	}
	return nil, usagef("--log %q, want text or json", f.format)
}

// logger writes what a node does to stderr, a line each.
func (g *globals) logger(level slog.Level) *slog.Logger {
	if g.quiet {
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(slog.NewTextHandler(g.stderr, &slog.HandlerOptions{Level: level, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.String("time", a.Value.Time().Format("15:04:05"))
		}
		return a
	}}))
}

// logf writes one line about what is going on to stderr, unless --quiet.
func (g *globals) logf(format string, args ...any) {
	switch {
	case g.quiet:
	case g.lines != nil:
		g.lines.Info(fmt.Sprintf(format, args...))
	default:
		fmt.Fprintf(g.stderr, "gwrun: "+format+"\n", args...)
	}
}
