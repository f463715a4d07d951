/* Work in several threads of a call. Source: pthread_create(3). */
#define _GNU_SOURCE
#include "addon_tree.h"

#include <pthread.h>
#include <signal.h>

void run_in_threads(void *(*run)(void *), void *tasks, size_t size, size_t count)
{
	pthread_t threads[MAX_THREADS];
	int is_thread[MAX_THREADS] = { 0 };
	sigset_t all, before;

	/* The engine's handlers are for its own threads. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	for (size_t i = 1; i < count; i++)
		is_thread[i] = pthread_create(&threads[i], NULL, run, (char *)tasks + i * size) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	for (size_t i = 0; i < count; i++)
		if (!is_thread[i])
			run((char *)tasks + i * size);
	for (size_t i = 1; i < count; i++)
		if (is_thread[i])
			pthread_join(threads[i], NULL);
}
