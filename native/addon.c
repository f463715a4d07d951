/*
 * The N-API addon: the system calls of the hot path that neither Node nor Bun offers, or offers only through modules
 * whose loading costs more than the calls. Its typed face is src/sys/native.ts.
 * Source: Node-API, https://nodejs.org/api/n-api.html.
 */
#include "addon.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct function {
	const char *name;
	napi_value (*run)(struct call *call);
};

static const struct function functions[] = {
#define X(name) { #name, addon_##name },
	FOR_EACH_FUNCTION(X)
#undef X
};

#define FUNCTION_COUNT (sizeof(functions) / sizeof(functions[0]))

static napi_value dispatch(napi_env env, napi_callback_info info)
{
	struct call call = { .env = env };
	size_t count = MAX_ARGUMENTS;
	void *data;

	if (napi_get_cb_info(env, info, &count, call.arguments, NULL, &data) != napi_ok)
		return NULL;
	return ((const struct function *)data)->run(&call);
}

NAPI_MODULE_INIT()
{
	napi_property_descriptor properties[FUNCTION_COUNT];

	memset(properties, 0, sizeof(properties));
	for (size_t i = 0; i < FUNCTION_COUNT; i++) {
		properties[i].utf8name = functions[i].name;
		properties[i].method = dispatch;
		properties[i].attributes = napi_enumerable;
		properties[i].data = (void *)(uintptr_t)&functions[i];
	}
	if (napi_define_properties(env, exports, FUNCTION_COUNT, properties) != napi_ok)
		return NULL;
	return exports;
}

int32_t int_argument(struct call *call, size_t index)
{
	int32_t value = -1;

	napi_get_value_int32(call->env, call->arguments[index], &value);
	return value;
}

int64_t long_argument(struct call *call, size_t index)
{
	int64_t value = -1;

	napi_get_value_int64(call->env, call->arguments[index], &value);
	return value;
}

int bool_argument(struct call *call, size_t index)
{
	bool value = false;

	napi_get_value_bool(call->env, call->arguments[index], &value);
	return value;
}

typedef napi_status string_reader(napi_env env, napi_value value, char *buffer, size_t size, size_t *length);

static int read_path(struct call *call, size_t index, char *buffer, string_reader *read)
{
	size_t length = 0;

	buffer[0] = '\0';
	/* A longer text is cut to fill the buffer, so a full buffer means that it was too long. */
	if (read(call->env, call->arguments[index], buffer, PATH_SIZE, &length) != napi_ok) {
		errno = EINVAL;
		return -1;
	}
	if (length == 0 || length >= PATH_SIZE - 1 || memchr(buffer, '\0', length) != NULL) {
		errno = length == 0 ? ENOENT : length >= PATH_SIZE - 1 ? ENAMETOOLONG : EINVAL;
		return -1;
	}
	return 0;
}

int path_argument(struct call *call, size_t index, char *buffer)
{
	return read_path(call, index, buffer, napi_get_value_string_utf8);
}

int bytes_argument(struct call *call, size_t index, char *buffer)
{
	return read_path(call, index, buffer, napi_get_value_string_latin1);
}

char *text_argument(struct call *call, size_t index, size_t *length)
{
	char *text;

	if (napi_get_value_string_utf8(call->env, call->arguments[index], NULL, 0, length) != napi_ok) {
		errno = EINVAL;
		return NULL;
	}
	text = malloc(*length + 1);
	if (text != NULL)
		napi_get_value_string_utf8(call->env, call->arguments[index], text, *length + 1, length);
	return text;
}

const int32_t *ints_argument(struct call *call, size_t index, size_t *count)
{
	napi_typedarray_type type;
	void *data = NULL;

	*count = 0;
	if (napi_get_typedarray_info(call->env, call->arguments[index], &type, count, &data, NULL, NULL) != napi_ok ||
	    type != napi_int32_array)
		*count = 0;
	return data;
}

napi_value int_result(struct call *call, int64_t value)
{
	napi_value result = NULL;

	napi_create_int64(call->env, value, &result);
	return result;
}

napi_value bool_result(struct call *call, int value)
{
	napi_value result = NULL;

	napi_get_boolean(call->env, value != 0, &result);
	return result;
}

napi_value text_result(struct call *call, const char *text, size_t length)
{
	napi_value result = NULL;

	napi_create_string_utf8(call->env, text, length, &result);
	return result;
}

napi_value ints_result(struct call *call, const int *values, uint32_t count)
{
	napi_value result = NULL;

	napi_create_array_with_length(call->env, count, &result);
	for (uint32_t i = 0; i < count; i++)
		napi_set_element(call->env, result, i, int_result(call, values[i]));
	return result;
}

napi_value fail(struct call *call, const char *syscall, const char *path)
{
	napi_value number = int_result(call, errno);
	napi_value name = text_result(call, syscall, NAPI_AUTO_LENGTH);
	napi_value error = NULL;

	napi_create_error(call->env, NULL, name, &error);
	napi_set_named_property(call->env, error, "errno", number);
	napi_set_named_property(call->env, error, "syscall", name);
	if (path != NULL)
		napi_set_named_property(call->env, error, "path", text_result(call, path, NAPI_AUTO_LENGTH));
	napi_throw(call->env, error);
	return NULL;
}
