"""Does operations on a key-value store with one of Apify's tools for Python.

Reads them as JSON from standard input, and writes their results as JSON to standard output. The first argument is the
directory of the storages, the second the name of the store.
"""

import asyncio
import base64
import json
import sys
from importlib.metadata import version


def value_of(operation):
    if 'base64' in operation:
        return base64.b64decode(operation['base64'])
    return operation['text'] if 'text' in operation else operation['json']


def result_of(value, content_type):
    if isinstance(value, (bytes, bytearray)):
        return {'base64': base64.b64encode(value).decode(), 'contentType': content_type}
    kind = 'text' if isinstance(value, str) else 'json'
    return {kind: value, 'contentType': content_type}


class Sdk1:
    """Apify SDK 1: `write_metadata` is off by default."""

    async def open(self, directory, name, write_metadata):
        from apify._memory_storage import MemoryStorageClient

        client = MemoryStorageClient(local_data_directory=directory, write_metadata=write_metadata)
        info = await client.key_value_stores().get_or_create(name=name)
        self.store = client.key_value_store(info['id'])

    async def set(self, key, value, content_type):
        await self.store.set_record(key, value, content_type)

    async def delete(self, key):
        await self.store.delete_record(key)

    async def get(self, key):
        record = await self.store.get_record(key)
        return record and result_of(record['value'], record['contentType'])

    async def list(self):
        return [item['key'] for item in (await self.store.list_keys())['items']]


class Sdk2:
    """Apify SDK 2, on Crawlee 0.6."""

    async def open(self, directory, name, write_metadata):
        from crawlee.storage_clients import MemoryStorageClient

        client = MemoryStorageClient(
            storage_dir=directory,
            write_metadata=write_metadata,
            persist_storage=True,
            default_request_queue_id='default',
            default_key_value_store_id='default',
            default_dataset_id='default',
        )
        info = await client.key_value_stores().get_or_create(name=name)
        self.store = client.key_value_store(info.id)

    async def set(self, key, value, content_type):
        await self.store.set_record(key, value, content_type)

    async def delete(self, key):
        await self.store.delete_record(key)

    async def get(self, key):
        record = await self.store.get_record(key)
        return record and result_of(record.value, record.content_type)

    async def list(self):
        return [item.key for item in (await self.store.list_keys()).items]


class Sdk3:
    """Apify SDK 3 and later, on Crawlee 1."""

    async def open(self, directory, name, write_metadata):
        from apify import Configuration
        from apify.storage_clients._file_system import ApifyFileSystemKeyValueStoreClient

        configuration = Configuration(storage_dir=directory)
        place = {'alias': None, 'name': None} if name == 'default' else {'alias': None, 'name': name}
        self.store = await ApifyFileSystemKeyValueStoreClient.open(id=None, **place, configuration=configuration)

    async def set(self, key, value, content_type):
        await self.store.set_value(key=key, value=value, content_type=content_type)

    async def delete(self, key):
        await self.store.delete_value(key=key)

    async def get(self, key):
        record = await self.store.get_value(key=key)
        return record and result_of(record.value, record.content_type)

    async def list(self):
        return [record.key async for record in self.store.iterate_keys()]


async def main(directory, name, *options):
    major = int(version('apify').split('.')[0])
    driver = {1: Sdk1, 2: Sdk2}.get(major, Sdk3)()
    await driver.open(directory, name, 'metadata' in options)
    results = []
    for operation in json.load(sys.stdin):
        name, key = operation['name'], operation.get('key')
        if name == 'set':
            await driver.set(key, value_of(operation), operation['contentType'])
        results.append(
            await driver.delete(key)
            if name == 'delete'
            else await driver.get(key)
            if name == 'get'
            else await driver.list()
            if name == 'list'
            else None
        )
    print(json.dumps(results))


asyncio.run(main(*sys.argv[1:]))
