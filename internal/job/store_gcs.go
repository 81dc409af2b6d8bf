//go:build gcs

package job

import _ "gocloud.dev/blob/gcsblob" // gs://
