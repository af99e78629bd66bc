// what La Coop asks of others, and its settings
export const ServerWebAppConfig = {
  Brevo: { usersListId: 1 },
  Security: { hmacSecretKey: 'a key of the test' },
}
export const captureException = (fault: unknown) => console.error(fault)
export const deleteBrevoContactIfOrphan = async () => {}
export const deploymentCanRemoveBrevoContactFromList = () => false
export const removeBrevoContactFromList = async () => {}
