/** The checksums of all algorithms: a file of its own, to be loaded when one of them is wanted. */
export { createChecksum } from '@s3kit/checksums';
