package shards_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/devnet"
	"github.com/gwrun/gwrun/host/node"
	"github.com/gwrun/gwrun/host/shards"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/identity"
)

// A consumer of a plan of 20 jobs that is killed at random moments:
//
//	go test ./host/shards -run TestConsumerIsKilled -kills 200 -v
var (
	kills    = flag.Int("kills", 8, "how often TestConsumerIsKilled kills")
	killSeed = flag.Uint64("killseed", uint64(time.Now().UnixNano()), "what it draws its moments from")
)

// In a process with this variable the test binary is a consumer: it submits a plan, or goes on with it, and prints what came of it.
const consumerEnv = "GWRUN_SHARDS_TEST_CONSUMER"

func TestMain(m *testing.M) {
	if text := os.Getenv(consumerEnv); text != "" {
		if err := consume(text); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// order is what the parent tells the consumer.
type order struct {
	Dir   string
	Peers []string
}

// came is what the consumer prints.
type came struct {
	Sum    uint64
	Tasks  int
	Before int // done before this process
	On     int // jobs that were followed again
}

// The plan: 20 jobs of some hundredths of a second.
const killedShards, killedRounds, killedWork = 4, 4, 300_000

func consume(text string) error {
	var o order
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		return err
	}
	key := filepath.Join(o.Dir, "key.json")
	id, err := identity.Load(key, "")
	if errors.Is(err, fs.ErrNotExist) {
		id, err = identity.Create(key, "", identity.Light)
	}
	if err != nil {
		return err
	}
	s, err := store.Open(filepath.Join(o.Dir, "store"), store.Options{})
	if err != nil {
		return err
	}
	defer s.Close()
	n, err := node.Start(node.Config{Identity: id, Store: s})
	if err != nil {
		return err
	}
	defer n.Close(context.Background())
	p, err := shards.NewPlan(folded(killedShards, killedRounds, fmt.Sprintf("work=%d", killedWork)))
	if err != nil {
		return err
	}
	var c came
	res, err := n.Shards.Submit(context.Background(), p, checkedWhole(o.Peers), func(e shards.Event) {
		switch {
		case e.Kind == "status":
			return
		case e.Kind == "done" && e.Text == "before":
			c.Before++
			return
		case e.Kind == "issued" && e.Text == "goes on":
			c.On++
		}
		fmt.Println(e.Kind) // what is killed by
	})
	if err != nil {
		return err
	}
	f, err := n.Shards.Open(res.Outputs[0].Blob)
	if err != nil {
		return err
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil || len(b) != 8 {
		return fmt.Errorf("%d bytes, %w", len(b), err)
	}
	c.Sum, c.Tasks = binary.LittleEndian.Uint64(b), len(res.Done)
	said, err := json.Marshal(c)
	fmt.Printf("came %s\n", said)
	return err
}

// follow runs a consumer and kills it so long after so many events; never if they are negative. It gives what the consumer came to, or "" if
// it was killed before.
func follow(t *testing.T, order string, after int, delay time.Duration) string {
	var log bytes.Buffer
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), consumerEnv+"="+order)
	cmd.Stderr = &log
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said, killed := "", false
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if text, ok := strings.CutPrefix(lines.Text(), "came "); ok {
			said = text
		}
		if after--; after == -1 {
			time.Sleep(delay)
			killed = cmd.Process.Kill() == nil
		}
	}
	if err := cmd.Wait(); err != nil && !killed {
		t.Fatalf("the consumer: %v\n%s", err, &log)
	}
	return said
}

// A consumer that is killed at any moment goes on with its plan where it was, with the same result.
func TestConsumerIsKilled(t *testing.T) {
	n := network(t, devnet.Config{Providers: 3, Validators: 1})
	want := folding(killedShards, killedRounds, 5, killedWork, nil)
	r := rand.New(rand.NewPCG(*killSeed, 1))
	t.Logf("seed %d", *killSeed)
	done, plans, before, on := 0, 0, 0, 0
	for done < *kills {
		plans++
		dir := t.TempDir()
		for {
			text, err := json.Marshal(order{Dir: dir, Peers: n.Peers()})
			if err != nil {
				t.Fatal(err)
			}
			after := -1 // events
			if done < *kills {
				after = r.IntN(25)
			}
			said := follow(t, string(text), after, time.Duration(r.Int64N(int64(40*time.Millisecond))))
			if said == "" {
				done++
				continue
			}
			var c came
			if err := json.Unmarshal([]byte(said), &c); err != nil {
				t.Fatalf("%v in %q", err, said)
			}
			before, on = before+c.Before, on+c.On
			if c.Sum != want || c.Tasks != killedRounds*(killedShards+1) {
				t.Errorf("after kills the sum is %x of %d tasks, want %x", c.Sum, c.Tasks, want)
			}
			break
		}
	}
	if *kills >= 8 && before == 0 {
		t.Error("no process went on with anything")
	}
	t.Logf("%d kills of %d plans; their last processes found %d tasks done and followed %d jobs again", done, plans, before, on)
}
