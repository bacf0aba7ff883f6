"""Objects in S3, and in stores that speak its language, as inputs.

Region, endpoint and credentials are those of the environment, as for any tool of AWS. s3fs (extra
`s3`) is loaded when the first URL is used.
"""
