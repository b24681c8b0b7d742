package profile

func (c *checker) uniformity(f *function) {}

type summary struct{}
