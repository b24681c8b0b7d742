// A Go job in steps: a reactor (go build -buildmode=c-shared) that exports gw_step. What it has open stays open.
package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"time"
)

var (
	words = bufio.NewScanner(open("data/words.txt"))
	out   *os.File
	big   *os.File // of several pages of state
	begin = time.Now()
	step  int
)

func open(name string) *os.File {
	f, err := os.Open(name)
	if err != nil {
		panic(err)
	}
	return f
}

//go:wasmexport gw_step
func gwStep() int32 {
	step++
	if out == nil {
		out, _ = os.Create("count.txt")
		big, _ = os.Create("big.txt")
		big.Write(bytes.Repeat([]byte{'.'}, 10_000))
	}
	big.WriteAt([]byte{byte('0' + step)}, int64(step)) // what was committed to before changes
	time.Sleep(10 * time.Second)
	if !words.Scan() {
		fmt.Println("done after", time.Since(begin).Round(time.Second))
		out.Close()
		return 0
	}
	fmt.Printf("step %d: %s\n", step, words.Text())
	fmt.Fprintf(out, "%s has %d letters\n", words.Text(), len(words.Text()))
	if step%2 == 0 {
		out.WriteAt([]byte{'*'}, 0)
	}
	return 1
}

func main() {}
