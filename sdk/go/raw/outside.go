//go:build !wasip1

package raw

// outside is what every function does where there is no host.
var outside = func() {
	panic("gwrun: a job's functions exist only inside a job: build it with GOOS=wasip1 GOARCH=wasm")
}
