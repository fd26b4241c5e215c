// Package tagged has tests only under the tag slow.
package tagged
