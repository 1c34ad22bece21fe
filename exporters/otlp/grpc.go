package otlp

import (
	"context"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

const (
	// maxResponse bounds an answer, in bytes. A good one has a line of text.
	maxResponse = 64 << 10
	// maxError bounds the text of an answer that is an error.
	maxError = 1 << 10
)

// newConn makes a connection, which is dialled by the first export.
func newConn(d *destination, rejected rejections) (*grpc.ClientConn, error) {
	target := "dns:///" + d.address
	if d.unix {
		target = "unix://" + d.address
	}
	creds := insecure.NewCredentials()
	if d.tls != nil {
		creds = credentials.NewTLS(d.tls)
	}
	call := []grpc.CallOption{grpc.MaxCallRecvMsgSize(maxResponse)}
	if d.settings.Compression == gzip.Name {
		call = append(call, grpc.UseCompressor(gzip.Name))
	}
	return grpc.NewClient(target,
		grpc.WithTransportCredentials(creds),
		grpc.WithDefaultCallOptions(call...),
		grpc.WithMaxHeaderListSize(maxResponse),
		grpc.WithConnectParams(reconnects()),
		// A peer that vanished without a word is noticed by what it does not
		// acknowledge for 10 s; by itself TCP takes a quarter of an hour. The pings
		// are as rare as servers want them.
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 5 * time.Minute, Timeout: 10 * time.Second}),
		grpc.WithUnaryInterceptor(rejected.intercept))
}

// intercept takes the partial success out of an answer, so that the official
// exporter does not report it as an error, and shortens errors.
func (r rejections) intercept(ctx context.Context, method string, request, reply any, conn *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
	if err := invoke(ctx, method, request, reply, conn, options...); err != nil {
		s := status.Convert(err).Proto()
		s.Message = r.text(s.GetMessage(), maxError)
		return status.ErrorProto(s)
	}
	message, ok := reply.(proto.Message)
	if !ok {
		return nil
	}
	answer, err := proto.Marshal(message)
	if err != nil {
		return err
	}
	proto.Reset(message)
	return r.take(ctx, answer)
}
