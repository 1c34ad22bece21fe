package comparison_test

import (
	"strings"
	"testing"

	"github.com/tutorflow/observability/exporters"
)

func spanPromises() []promise {
	return []promise{
		{
			section: "2.1", name: "bytes that are no UTF-8 in one request cost no span of others",
			broken: func(t *testing.T, w wiring) error {
				c := collect(t, exporters.ProtocolGRPC)
				r := run(t, w)
				for range 20 {
					r.get("/work")
				}
				r.send("GET /files/%ff HTTP/1.1\r\nHost: x\r\nUser-Agent: bad\xff\xfe\r\nConnection: close\r\n\r\n")
				_ = r.end(patience)
				return delivered(c, 21)
			},
			plain: "of 21 spans are delivered",
		},
		{
			section: "2.2", name: "six requests with a User-Agent of 900 kB cost no span",
			broken: func(t *testing.T, w wiring) error {
				c := collect(t, exporters.ProtocolGRPC)
				r := run(t, w)
				large := strings.Repeat("a", 900_000)
				for i := range 60 {
					if i < 6 {
						r.get("/files/x", "User-Agent", large)
					} else {
						r.get("/files/x")
					}
				}
				_ = r.end(patience)
				return delivered(c, 60)
			},
			plain: "of 60 spans are delivered",
		},
	}
}
