/**
 * Checkpoints from a model hub: listed, fetched by HTTPS so that what broke off goes on, and checked by the digests of the listing. Nothing here
 * runs unless the user asks for it. The only door to the network.
 */
package modelpatch.hub;
