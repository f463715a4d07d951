/* Work in several threads of a call. Source: pthread_create(3). */
#define _GNU_SOURCE
#include "addon_tree.h"

#include <pthread.h>
#include <signal.h>

/* The engine's handlers are for its own threads. */
static int create(pthread_t *thread, void *(*run)(void *), void *argument)
{
	sigset_t all, before;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(thread, NULL, run, argument);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return err == 0;
}

int start_thread(void *(*run)(void *), void *argument)
{
	pthread_t thread;

	return create(&thread, run, argument) && pthread_detach(thread) == 0;
}

void run_in_threads(void *(*run)(void *), void *tasks, size_t size, size_t count)
{
	pthread_t threads[MAX_THREADS];
	int is_thread[MAX_THREADS] = { 0 };

	for (size_t i = 1; i < count; i++)
		is_thread[i] = create(&threads[i], run, (char *)tasks + i * size);
	for (size_t i = 0; i < count; i++)
		if (!is_thread[i])
			run((char *)tasks + i * size);
	for (size_t i = 1; i < count; i++)
		if (is_thread[i])
			pthread_join(threads[i], NULL);
}
