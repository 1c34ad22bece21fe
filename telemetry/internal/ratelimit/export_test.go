package ratelimit

// MaxCauses is maxCauses, for tests.
const MaxCauses = maxCauses

// Causes is how many causes e keeps.
func (e *Errors) Causes() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.causes)
}
