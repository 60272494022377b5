"""What scripts do with boto3, at its defaults but for presigning, against the endpoint in ENDPOINT."""

import io
import os
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

s3 = boto3.client("s3", endpoint_url=os.environ["ENDPOINT"])
bucket = "boto3-bucket"
s3.create_bucket(Bucket=bucket)


def refused(code, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error
        return
    raise AssertionError(f"{code} was expected")


s3.put_object(Bucket=bucket, Key="a/é +", Body=b"text", Metadata={"k": "v"}, Tagging="a=b")
got = s3.get_object(Bucket=bucket, Key="a/é +")
assert got["Body"].read() == b"text" and got["Metadata"] == {"k": "v"}
assert s3.get_object_tagging(Bucket=bucket, Key="a/é +")["TagSet"] == [{"Key": "a", "Value": "b"}]
refused("NoSuchKey", s3.get_object, Bucket=bucket, Key="none")
refused("PreconditionFailed", s3.get_object, Bucket=bucket, Key="a/é +", IfMatch='"0"')

large = os.urandom(17 * 1024 * 1024)
s3.upload_fileobj(io.BytesIO(large), bucket, "large")
target = io.BytesIO()
s3.download_fileobj(bucket, "large", target)
assert target.getvalue() == large
s3.copy({"Bucket": bucket, "Key": "large"}, bucket, "copied")

# Debian's boto3 presigns by version 2 unless it is told otherwise; its headers are of version 4 anyway.
signer = boto3.client("s3", endpoint_url=os.environ["ENDPOINT"], config=Config(signature_version="s3v4"))
url = signer.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "copied"})
assert urllib.request.urlopen(url).read() == large

form = signer.generate_presigned_post(bucket, "posted/${filename}", Conditions=[["content-length-range", 1, 9]])
boundary = "----boundary"
parts = [
    f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
    for name, value in form["fields"].items()
]
parts.append(
    f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="f.txt"\r\n\r\nhello\r\n--{boundary}--\r\n'
)
request = urllib.request.Request(
    form["url"],
    "".join(parts).encode(),
    {"content-type": f"multipart/form-data; boundary={boundary}"},
)
assert urllib.request.urlopen(request).status == 204
assert s3.get_object(Bucket=bucket, Key="posted/f.txt")["Body"].read() == b"hello"

s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
for number in range(3):
    s3.put_object(Bucket=bucket, Key="versions", Body=str(number))
versions = s3.list_object_versions(Bucket=bucket, Prefix="versions")["Versions"]
assert [version["IsLatest"] for version in versions] == [True, False, False]
refused("NoSuchCORSConfiguration", s3.get_bucket_cors, Bucket=bucket)
refused("NoSuchPublicAccessBlockConfiguration", s3.get_public_access_block, Bucket=bucket)

for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
    doomed = [
        {"Key": version["Key"], "VersionId": version["VersionId"]}
        for version in page.get("Versions", []) + page.get("DeleteMarkers", [])
    ]
    assert "Errors" not in s3.delete_objects(Bucket=bucket, Delete={"Objects": doomed})
s3.delete_bucket(Bucket=bucket)
