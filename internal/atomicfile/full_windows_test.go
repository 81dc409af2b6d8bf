package atomicfile

const diskFull = errorDiskFull
