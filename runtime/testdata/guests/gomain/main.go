// What a Go program asks of its system in normal use.
package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"
)

func main() {
	log.SetFlags(0)
	fmt.Println(os.Args[1:], len(os.Environ()), "environment variables")
	wd, err := os.Getwd()
	fmt.Println(wd, err)
	if b, err := io.ReadAll(os.Stdin); len(b) != 0 || err != nil {
		fmt.Println("standard input:", b, err)
	}
	fmt.Print("half a line, ")
	fmt.Print("the other half\n")
	begin := time.Now()
	fmt.Println(begin.UTC().Format(time.DateOnly))
	time.Sleep(time.Second)
	select {
	case <-time.After(time.Minute):
	case <-make(chan int):
	}
	fmt.Println("slept", time.Since(begin).Round(time.Second))
	var wg sync.WaitGroup
	sums := make([]int, 4)
	for i := range sums {
		wg.Go(func() {
			for k := range 1000 * (i + 1) {
				sums[i] += k
			}
		})
	}
	wg.Wait()
	fmt.Println("sums", sums)
	random := make([]byte, 4)
	rand.Read(random)
	fmt.Printf("random %x\n", random)

	text, err := os.ReadFile("data/words.txt")
	fmt.Printf("%q %v\n", text, err)
	_, err = os.Open("missing")
	fmt.Println(errors.Is(err, fs.ErrNotExist), err)
	_, err = os.OpenFile("data/words.txt", os.O_RDWR, 0)
	fmt.Println("an input for writing:", err)
	fmt.Println(os.MkdirAll("result/deep", 0o755), os.WriteFile("result/deep/file", []byte("from Go"), 0o644))
	f, err := os.OpenFile("result/deep/file", os.O_APPEND|os.O_WRONLY, 0)
	fmt.Fprint(f, ", and more")
	fmt.Println(err, f.Close())
	f, _ = os.OpenFile("result/deep/file", os.O_RDWR, 0)
	f.WriteAt([]byte("FROM"), 0)
	f.Truncate(12)
	f.Seek(-7, io.SeekEnd)
	rest, err := io.ReadAll(f)
	fmt.Printf("%q %v\n", rest, err)
	st, err := f.Stat()
	fmt.Println(st.Size(), st.Mode(), st.ModTime().UTC().Year(), err, f.Close())
	fmt.Println(filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		fmt.Println("  ", path, d.IsDir(), err)
		return err
	}))
	fmt.Println(os.WriteFile("tmp", nil, 0o600), os.Rename("tmp", "other"), os.Remove("other"), os.Remove("other"))
	fmt.Println(os.Symlink("a", "b"))
	_, err = net.Dial("tcp", "127.0.0.1:1")
	fmt.Println("dial:", err)

	switch {
	case len(os.Args) < 2:
	case os.Args[1] == "panic":
		var m map[string]int
		m["x"] = 1
	case os.Args[1] == "exit":
		n, _ := strconv.Atoi(os.Args[2])
		log.Print("leaving")
		os.Exit(n)
	case os.Args[1] == "deadlock":
		<-make(chan int)
	}
}
