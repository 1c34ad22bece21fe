// Package reference writes the documentation of the configuration from its
// settings.
//
//	page, err := reference.Markdown()
package reference
