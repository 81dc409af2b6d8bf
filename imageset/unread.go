package imageset

import (
	"bytes"
	"slices"
)

const saveAs = "save it as PNG or JPEG"

// unread are the formats of pictures and films that Load does not read, so that
// they are called what they are; and, without extensions, what is not a picture and is
// found under the name of one.
var unread = []struct {
	name, advice string
	extensions   []string
	is           func([]byte) bool
}{
	{"HEIC", saveAs, []string{".heic", ".heif", ".hif"}, brand("heic", "heix", "hevc", "heim", "heis", "mif1", "msf1")},
	{"AVIF", saveAs, []string{".avif"}, brand("avif", "avis")},
	{"JPEG XL", saveAs, []string{".jxl"}, begins("\xff\x0a", "\x00\x00\x00\x0cJXL ")},
	{"JPEG 2000", saveAs, []string{".jp2", ".j2k", ".j2c", ".jpc", ".jpf", ".jpx"}, begins("\x00\x00\x00\x0cjP  ", "\xff\x4f\xff\x51")},
	{"JPEG-LS", saveAs, []string{".jls"}, begins(jpegLS)},
	{"JPEG XR", saveAs, []string{".jxr", ".wdp", ".hdp"}, begins("II\xbc\x01")},
	{"a camera's raw format", "develop it as TIFF or JPEG", []string{
		".dng", ".cr2", ".cr3", ".crw", ".nef", ".nrw", ".arw", ".sr2", ".srf", ".orf", ".rw2", ".rwl", ".raf", ".raw", ".pef",
		".srw", ".x3f", ".3fr", ".iiq", ".mef", ".mos", ".kdc", ".dcr", ".erf", ".gpr"}, begins("FUJIFILMCCD-RAW")},
	{"a microscope's format", "export it as TIFF", []string{
		".czi", ".nd2", ".lif", ".lsm", ".oib", ".oif", ".vsi", ".svs", ".ndpi", ".scn", ".mrxs", ".mrc", ".dm3", ".dm4"}, begins("ZISRAWFILE")},
	{"Photoshop", saveAs, []string{".psd", ".psb"}, begins("8BPS")},
	{"GIMP's or Krita's format", saveAs, []string{".xcf", ".kra", ".ora"}, begins("gimp xcf")},
	{"OpenEXR", saveAs, []string{".exr"}, begins("\x76\x2f\x31\x01")},
	{"Radiance HDR", saveAs, []string{".hdr"}, begins("#?RADIANCE", "#?RGBE")},
	{"DPX or Cineon", saveAs, []string{".dpx", ".cin"}, begins("SDPX", "XPDS", "\x80\x2a\x5f\xd7")},
	{"FITS", saveAs, []string{".fits", ".fit"}, begins("SIMPLE  =")},
	{"DICOM", saveAs, []string{".dcm"}, func(data []byte) bool { return len(data) > 132 && string(data[128:132]) == "DICM" }},
	{"a drawing (SVG)", saveAs, []string{".svg"}, nil},
	{"PDF", "export its pages as PNG", []string{".pdf"}, begins("%PDF")},
	{"PostScript", "export its pages as PNG", []string{".eps", ".ps"}, begins("%!PS")},
	{"PAM", "save it as PGM or PPM", []string{".pam"}, begins("P7\n")},
	{"PFM", "save it as TIFF", []string{".pfm"}, begins("PF\n", "Pf\n")},
	{"QOI", saveAs, []string{".qoi"}, begins("qoif")},
	{"PCX", saveAs, []string{".pcx"}, nil},
	{"SGI", saveAs, []string{".sgi", ".rgb", ".rgba"}, nil},
	{"Sun raster", saveAs, []string{".ras"}, begins("\x59\xa6\x6a\x95")},
	{"an X bitmap", saveAs, []string{".xbm", ".xpm"}, nil},
	{"a texture (DDS)", saveAs, []string{".dds"}, begins("DDS ")},
	{"an icon", saveAs, []string{".ico", ".icns", ".cur"}, begins("\x00\x00\x01\x00", "icns")},
	{"a video, not an image", "extract its frames", []string{
		".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".wmv", ".mpg", ".mpeg", ".flv", ".mts", ".m2ts", ".3gp", ".ogv", ".mjpg"}, isVideo},
	{"an archive", "unpack it", nil, begins("PK\x03\x04", "7z\xbc\xaf\x27\x1c", "Rar!", "\x1f\x8b", "BZh", "\xfd7zXZ")},
	{"a web page, not an image", "fetch the image again", nil, func(data []byte) bool {
		head := bytes.ToLower(data[:min(len(data), 64)])
		return bytes.Contains(head, []byte("<!doctype html")) || bytes.Contains(head, []byte("<html"))
	}},
	{"a Git LFS pointer", "git lfs pull fetches the file", nil, begins("version https://git-lfs")},
}

// jpegLS begins like a JPEG, with another frame header (ITU-T T.87).
const jpegLS = "\xff\xd8\xff\xf7"

// beginsAsPicture tells a picture by the first bytes of a file whose name does not
// say so. TGA begins like nothing; of the kinds that begin in two letters the header
// must be right.
func beginsAsPicture(head []byte) (yes bool) {
	defer func() { yes = recovered(recover(), nil) == nil && yes }()
	for _, k := range kinds {
		switch k.name {
		case "TGA":
		case "BMP", "PNM":
			if _, err := k.config(head, 0); k.is(head) && err == nil {
				return true
			}
		default:
			if k.is(head) {
				return true
			}
		}
	}
	for _, k := range unread {
		if k.is != nil && len(k.extensions) > 0 && k.is(head) {
			return true
		}
	}
	return false
}

// brand tells an ISO base media file by its brand.
func brand(names ...string) func([]byte) bool {
	return func(data []byte) bool {
		return len(data) >= 12 && string(data[4:8]) == "ftyp" && slices.Contains(names, string(data[8:12]))
	}
}

func isVideo(data []byte) bool {
	return len(data) >= 12 && (string(data[4:8]) == "ftyp" || string(data[:4]) == "RIFF" && string(data[8:12]) == "AVI ") || begins("\x1a\x45\xdf\xa3", "\x00\x00\x01\xba")(data)
}

// isUnreadName reports whether the name says that it is a picture or film of a
// kind that Load does not read.
func isUnreadName(name string) bool {
	ext := extension(name)
	for _, k := range unread {
		if slices.Contains(k.extensions, ext) {
			return true
		}
	}
	return false
}
