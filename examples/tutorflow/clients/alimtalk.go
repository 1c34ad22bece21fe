package clients

import (
	"context"
	"net/http"
)

// Alimtalk sends messages to Kakao Talk users.
type Alimtalk struct{ partner partner }

// NewAlimtalk makes a client for the Alimtalk service at base.
func NewAlimtalk(client *http.Client, base string) *Alimtalk {
	return &Alimtalk{newPartner("kakao_alimtalk", base, client)}
}

// Send sends the message that template stands for to a user.
func (a *Alimtalk) Send(ctx context.Context, userID, template string) error {
	body := map[string]string{"recipient": userID, "templateCode": template}
	return a.partner.postJSON(ctx, "send", "/alimtalk/v2/messages", body, nil)
}
