package clients

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/tutorflow/observability/telemetry"
)

const (
	callTimeout = 5 * time.Second
	maxAnswer   = 64 << 10
)

// Error is the refusal of a partner: an answer that is not 2xx.
type Error struct {
	Service   string // kakao_oauth, toss_payments or kakao_alimtalk
	Operation string // such as confirm
	Status    int    // the HTTP status
	Code      string // the partner's own code, empty when it gave none
}

// Error names the call, the status and the code.
func (e *Error) Error() string {
	return strings.TrimSpace(fmt.Sprintf("%s %s: status %d %s", e.Service, e.Operation, e.Status, e.Code))
}

// partner is what all clients have in common.
type partner struct {
	service string
	base    string
	http    *http.Client
}

func newPartner(service, base string, client *http.Client) partner {
	return partner{service: service, base: strings.TrimSuffix(base, "/"), http: client}
}

// postJSON sends body as JSON.
func (p partner) postJSON(ctx context.Context, operation, path string, body, into any) error {
	data, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("%s %s: encode request: %w", p.service, operation, err)
	}
	header := http.Header{"Content-Type": {"application/json"}}
	return p.call(ctx, operation, http.MethodPost, path, header, data, into)
}

// call makes one request and decodes a 2xx answer into into, which may be nil.
func (p partner) call(ctx context.Context, operation, method, path string, header http.Header, body []byte, into any) error {
	ctx, cancel := context.WithTimeout(telemetry.WithOperation(ctx, operation), callTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, p.base+path, bytes.NewReader(body))
	if err != nil {
		return p.failed(operation, err)
	}
	request.Header = header
	response, err := p.http.Do(request)
	if err != nil {
		return p.failed(operation, err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return p.failed(operation, err)
	}
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return p.refusal(operation, response.StatusCode, answer)
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(answer, into); err != nil {
		return fmt.Errorf("%s %s: decode answer: %w", p.service, operation, err)
	}
	return nil
}

// failed leaves out the URL that net/http puts into its errors: the path of a
// call to Toss holds the payment's key.
func (p partner) failed(operation string, err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err
	}
	return fmt.Errorf("%s %s: %w", p.service, operation, err)
}

// refusal reads the partner's code from an answer. A code that does not look
// like one is dropped, since it ends up in logs.
func (p partner) refusal(operation string, status int, answer []byte) error {
	var body struct{ Code string }
	_ = json.Unmarshal(answer, &body) // a proxy may have answered, in HTML
	if strings.ContainsFunc(body.Code, notCode) || len(body.Code) > 64 {
		body.Code = ""
	}
	return &Error{Service: p.service, Operation: operation, Status: status, Code: body.Code}
}

func notCode(r rune) bool {
	return r != '_' && r != '-' && (r < '0' || r > '9') && (r < 'A' || r > 'Z')
}
