/*
 * replay.c
 *		Runs a fuzz target on files, where there is no fuzzer: that the bytes of
 *		each are cut at every length makes more inputs of them.
 *
 * usage: TARGET FOLDER-OR-FILE...
 */
#include "fuzz.h"

#include <dirent.h>
#include <sys/stat.h>

static long inputs;

static void
run(const char *path)
{
	FILE	   *file = fopen(path, "rb");
	uint8_t		bytes[1 << 16];
	size_t		size;

	if (file == NULL)
	{
		perror(path);
		exit(2);
	}
	size = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);
	for (size_t length = 0; length <= size; length++)
	{
		/* of just that size, so that a byte too far is seen */
		uint8_t    *input = malloc(length + 1);
		uint8_t    *start = input + 1;

		memcpy(start, bytes, length);
		LLVMFuzzerTestOneInput(start, length);
		free(input);
		inputs++;
	}
}

int
main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
	{
		struct stat what;
		DIR		   *folder;
		struct dirent *entry;

		if (stat(argv[i], &what) != 0)
		{
			perror(argv[i]);
			return 2;
		}
		if (!S_ISDIR(what.st_mode))
		{
			run(argv[i]);
			continue;
		}
		folder = opendir(argv[i]);
		if (folder == NULL)
		{
			perror(argv[i]);
			return 2;
		}
		while ((entry = readdir(folder)) != NULL)
		{
			char		path[4096];

			if (entry->d_name[0] == '.')
				continue;
			snprintf(path, sizeof(path), "%s/%s", argv[i], entry->d_name);
			run(path);
		}
		closedir(folder);
	}
	printf("Done %ld runs\n", inputs);
	return inputs > 0 ? 0 : 2;
}
