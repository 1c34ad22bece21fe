package otlp

import (
	"context"
	"strings"

	tracecollector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"
)

// maxReason bounds what a collector says of a partial success, in bytes.
const maxReason = 256

// rejections makes what a collector answers fit to be told.
type rejections struct {
	told    func(items int, reason string) // of partial successes; may be nil
	headers map[string]string              // that were sent
}

type itemsKey struct{}

// withItems notes how many items an export has.
func withItems(ctx context.Context, items int) context.Context {
	return context.WithValue(ctx, itemsKey{}, items)
}

// text returns at most n bytes of what a collector said.
func (r rejections) text(said string, n int) string { return cut(withoutValues(said, r.headers), n) }

// take reports the partial success in the answer to an export, if there is one.
// It fails where the text is no answer.
func (r rejections) take(ctx context.Context, answer []byte) error {
	// On the wire the answers for all signals are the same.
	var response tracecollector.ExportTraceServiceResponse
	if err := proto.Unmarshal(answer, &response); err != nil {
		return err
	}
	partial := response.GetPartialSuccess()
	if r.told == nil || partial.GetRejectedSpans() == 0 && partial.GetErrorMessage() == "" {
		return nil
	}
	// A collector may say what it wants, more than it was sent included.
	items, _ := ctx.Value(itemsKey{}).(int)
	rejected := min(max(partial.GetRejectedSpans(), 0), int64(items))
	r.told(int(rejected), r.text(partial.GetErrorMessage(), maxReason))
	return nil
}

// cut returns at most n bytes of text, as UTF-8.
func cut(text string, n int) string {
	if len(text) > n {
		text = text[:n-len("…")] + "…"
	}
	return strings.ToValidUTF8(text, "")
}
