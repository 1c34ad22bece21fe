package kubernetes_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// database checks that the URL of the database has no password, and that the
// driver takes the one of the Secret.
func database(t *testing.T) check {
	return func(m manifests) (wrong []string) {
		c := m.container(service)
		for _, name := range []string{"PGPASSWORD", "PGHOST", "PGUSER"} {
			t.Setenv(name, c.variables()[name])
		}
		for _, arg := range c.Args {
			url, ok := strings.CutPrefix(arg, "-db=")
			if !ok {
				continue
			}
			parsed, err := pgx.ParseConfig(url)
			if err != nil {
				return []string{err.Error()}
			}
			if parsed.Password != "a-secret" {
				wrong = append(wrong, fmt.Sprintf("the driver takes the password %q", parsed.Password))
			}
			if parsed.TLSConfig == nil {
				wrong = append(wrong, "the password is sent in clear")
			}
			return wrong
		}
		return []string{"there is no database that replicas share"}
	}
}
